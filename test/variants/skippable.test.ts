import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { stageDefinitions } from '../../src/variants/registry.ts';

describe('skippable', () => {
  const middle = stageDefinitions.filter(({ place }) => place === 'middle');
  const required: Record<string, object> = { score: { model: 'two-tower' } };

  it.each(middle.map((definition) => [definition.name, definition] as const))(
    '%s may be given a time and skipped',
    (name, { parameters, make }) => {
      const own = required[name] ?? {};
      expect(Value.Check(parameters, { ...own, within: '40ms', onFailure: 'skip' })).toBe(true);
      expect(Value.Check(parameters, { ...own, within: '0ms' })).toBe(false);
      expect(Value.Check(parameters, { ...own, unknown: 1 })).toBe(false);
      const made = (more: object) => make({ ...own, ...more } as never);
      expect(made({ within: '40ms', onFailure: 'skip' })).toMatchObject({ withinMs: 40, onFailure: 'skip' });
      expect(made({ within: '2s', onFailure: 'fail' })).toMatchObject({ withinMs: 2000, onFailure: 'fail' });
      expect(made({ within: '40ms' })).toMatchObject({ onFailure: 'skip' });
      expect(made({})).not.toHaveProperty('withinMs');
    },
  );

  it.each(
    stageDefinitions
      .filter(({ place }) => place !== 'middle')
      .map(({ name, parameters }) => [name, parameters] as const),
  )('%s cannot be done without', (_, parameters) => {
    expect(Object.keys((parameters as { properties?: object }).properties ?? {})).not.toContain('within');
  });
});
