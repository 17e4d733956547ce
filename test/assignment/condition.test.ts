import { describe, expect, it } from 'vitest';
import { compileCondition } from '../../src/assignment/condition.ts';
import type { Attributes } from '../../src/assignment/decision.ts';
import type { Condition } from '../../src/declarations.ts';

const test = (
  attribute: string,
  operator: 'equals' | 'in' | 'atLeast' | 'atMost' | 'exists',
  value: string | number | boolean | (string | number)[],
): Condition => ({ attribute, operator, value });

const US = test('country', 'equals', 'US');
const ADULT = test('age', 'atLeast', 18);

describe('compileCondition', () => {
  it.each<[string, Condition, Attributes, boolean]>([
    ['nothing to hold', { all: [] }, {}, true],
    ['nothing that could hold', { any: [] }, {}, false],
    ['equals', US, { country: 'US' }, true],
    ['equals, another', US, { country: 'CA' }, false],
    ['equals, absent', US, {}, false],
    ['equals does not convert', test('n', 'equals', 5), { n: '5' }, false],
    ['in', test('country', 'in', ['US', 'CA']), { country: 'CA' }, true],
    ['in, another', test('country', 'in', ['US', 'CA']), { country: 'DE' }, false],
    ['in, absent', test('country', 'in', ['US']), {}, false],
    ['atLeast, equal', ADULT, { age: 18 }, true],
    ['atLeast, less', ADULT, { age: 17.9 }, false],
    ['atLeast, text', ADULT, { age: '20' }, false],
    ['atLeast, NaN', ADULT, { age: Number.NaN }, false],
    ['atMost, equal', test('age', 'atMost', 18), { age: 18 }, true],
    ['atMost, more', test('age', 'atMost', 18), { age: 19 }, false],
    ['exists', test('age', 'exists', true), { age: 0 }, true],
    ['exists, absent', test('age', 'exists', true), {}, false],
    ['does not exist', test('age', 'exists', false), {}, true],
    ['not', { not: US }, { country: 'US' }, false],
    ['not, absent', { not: US }, {}, true],
    ['all of one', { all: [US] }, { country: 'US' }, true],
    ['all of two', { all: [US, ADULT] }, { country: 'US', age: 20 }, true],
    ['all of two, the second fails', { all: [US, ADULT] }, { country: 'US', age: 2 }, false],
    ['all of three', { all: [US, ADULT, { not: US }] }, { country: 'US', age: 20 }, false],
    ['any', { any: [US, ADULT] }, { age: 20 }, true],
    ['any, none', { any: [US, ADULT] }, { age: 2 }, false],
    ['nested', { all: [{ any: [US, { not: ADULT }] }, ADULT] }, { country: 'CA', age: 20 }, false],
  ])('%s', (_, condition, attributes, expected) => {
    expect(compileCondition(condition)(attributes)).toBe(expected);
  });
});
