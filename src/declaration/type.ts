import type { Type as TypeBox } from 'typebox';

type Names =
  | 'Array'
  | 'Boolean'
  | 'Enum'
  | 'Integer'
  | 'Literal'
  | 'Number'
  | 'Object'
  | 'Optional'
  | 'Record'
  | 'String'
  | 'Union';

type Node = Readonly<Record<string, unknown>>;

/** Marks a key of an object that may be left out; hidden, as TypeBox hides it, so that both can be mixed. */
const OPTIONAL = '~optional';

const node =
  (own: Node) =>
  (options: Node = {}): Node => ({ ...own, ...options });
const type = (name: string) => node({ type: name });

function object(properties: Readonly<Record<string, Node>>, options?: Node): Node {
  const required = Object.keys(properties).filter((key) => !(OPTIONAL in (properties[key] ?? {})));
  return node({ type: 'object', ...(required.length > 0 && { required }), properties })(options);
}

/**
 * TypeBox's builders, with its types, for schemas that a command reads on every start: the same JSON Schema without the
 * 370 files of TypeBox, which take longer to load than a table of 100,000 units to read.
 */
export const Type = {
  Array: (items: Node, options?: Node) => node({ type: 'array', items })(options),
  Boolean: type('boolean'),
  Enum: (values: readonly unknown[], options?: Node) => node({ enum: values })(options),
  Integer: type('integer'),
  Literal: (value: unknown, options?: Node) => node({ type: typeof value, const: value })(options),
  Number: type('number'),
  Object: object,
  Optional: (schema: Node) => Object.defineProperty({ ...schema }, OPTIONAL, { value: true }),
  /** Keys are any text. */
  Record: (_keys: Node, values: Node, options?: Node) =>
    node({ type: 'object', patternProperties: { '^.*$': values } })(options),
  String: type('string'),
  Union: (anyOf: readonly Node[], options?: Node) => node({ anyOf })(options),
} as unknown as Pick<typeof TypeBox, Names>;
