import { Ajv } from 'ajv';
import type { FastifyInstance } from 'fastify';

// TypeBox schemas carry keys of their own, which strict mode would refuse.
const strict = new Ajv({ strict: false, useDefaults: true, coerceTypes: false });
const coercing = new Ajv({ strict: false, useDefaults: true, coerceTypes: 'array' });

/** A schema as a test of a value; its `errors` say what is wrong with the last one. */
export const compileStrict = (schema: object) => strict.compile(schema);

/** Bodies are taken at their word; text from the path and the query is read as what the schema asks for. */
export function registerValidation(app: FastifyInstance): void {
  app.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === 'body' ? strict : coercing).compile(schema as object),
  );
}
