import { Ajv } from 'ajv';
import TypeBox from 'typebox';
import { expect, it } from 'vitest';
import { generatedFiles } from '../../src/cli/schema.ts';
import { Type } from '../../src/declaration/type.ts';

const built = (type: typeof Type) =>
  type.Object(
    {
      name: type.String({ minLength: 1 }),
      share: type.Optional(type.Union([type.Number(), type.Boolean()], { description: 'd' })),
      parts: type.Record(type.String({ minLength: 1 }), type.Integer(), { minProperties: 2 }),
      kind: type.Array(type.Enum(['a', 'b']), { uniqueItems: true }),
      version: type.Literal('v1'),
      none: type.Object({ open: type.Optional(type.Number()) }),
    },
    { additionalProperties: false },
  );

it('builds what TypeBox builds, and mixes with it', () => {
  expect(JSON.stringify(built(Type))).toBe(JSON.stringify(built(TypeBox)));
  const mixed = (inner: typeof Type) => JSON.stringify(TypeBox.Object({ a: inner.Optional(inner.Number()) }));
  expect(mixed(Type)).toBe(mixed(TypeBox));
});

const schemas = Object.entries(generatedFiles()).filter(([name]) => name.endsWith('.json'));

it.each(schemas)('%s is a valid JSON Schema', (_, text) => {
  const ajv = new Ajv({ strict: false });
  ajv.validateSchema(JSON.parse(text));
  expect(ajv.errors ?? []).toEqual([]);
});
