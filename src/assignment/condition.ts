import type { Condition } from '../declarations.ts';
import type { Attributes } from './decision.ts';

export type Predicate = (attributes: Attributes) => boolean;

/**
 * Turns a targeting condition into a function that never throws. An attribute that is absent fails every test but
 * `exists: false`; values are compared without conversion, so the text '5' is not the number 5.
 */
export function compileCondition(condition: Condition): Predicate {
  if ('all' in condition) return every(condition.all.map(compileCondition));
  if ('any' in condition) {
    const tests = condition.any.map(compileCondition);
    return (attributes) => tests.some((test) => test(attributes));
  }
  if ('not' in condition) {
    const test = compileCondition(condition.not);
    return (attributes) => !test(attributes);
  }
  const read = reader(condition.attribute);
  const { operator, value } = condition;
  switch (operator) {
    case 'equals':
      return (attributes) => read(attributes) === value;
    case 'in': {
      const allowed = new Set<unknown>(Array.isArray(value) ? value : [value]);
      return (attributes) => {
        const found = read(attributes);
        return found !== undefined && allowed.has(found);
      };
    }
    case 'atLeast':
      return (attributes) => {
        const found = read(attributes);
        return typeof found === 'number' && found >= (value as number);
      };
    case 'atMost':
      return (attributes) => {
        const found = read(attributes);
        return typeof found === 'number' && found <= (value as number);
      };
    case 'exists':
      return (attributes) => (read(attributes) !== undefined) === value;
  }
}

function every(tests: readonly Predicate[]): Predicate {
  const [first, second] = tests;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  if (tests.length === 2) return (attributes) => first(attributes) && second(attributes);
  return (attributes) => tests.every((test) => test(attributes));
}

/** Names that every object inherits (`constructor`, `__proto__` ...) are read as own properties only. */
function reader(name: string): (attributes: Attributes) => string | number | boolean | undefined {
  if (name in Object.prototype) {
    return (attributes) => (Object.hasOwn(attributes, name) ? attributes[name] : undefined);
  }
  return (attributes) => attributes[name];
}
