import { describe, expect, it } from 'vitest';
import { random } from '../../src/variants/random.ts';

describe('random', () => {
  it('replays the same numbers for the same request and stage', () => {
    const first = random('a', 'fill');
    const again = random('a', 'fill');
    for (let i = 0; i < 100; i++) expect(first()).toBe(again());
  });

  it.each([
    ['another request', random('b', 'fill')],
    ['another stage', random('a', 'interleave')],
    ['the same letters divided otherwise', random('af', 'ill')],
  ])('gives other numbers for %s', (_, other) => {
    const first = random('a', 'fill');
    expect([first(), first()]).not.toEqual([other(), other()]);
  });

  it('is uniform over requests and over draws', () => {
    // Chi-squared with 99 degrees of freedom: 148.2 is exceeded with probability 0.001 (R: qchisq(0.999, 99)).
    const chi = (draw: (i: number) => number): number => {
      const counts = new Float64Array(100);
      for (let i = 0; i < 100_000; i++) counts[Math.floor(draw(i) * 100)]!++;
      return counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    };
    expect(chi((i) => random(`request-${i}`, 'fill')())).toBeLessThan(148.2);
    const one = random('request', 'fill');
    expect(chi(() => one())).toBeLessThan(148.2);
  });

  it('draws twice without correlation', () => {
    let product = 0;
    for (let i = 0; i < 20_000; i++) {
      const draw = random(`r${i}`, 'fill');
      product += (draw() - 0.5) * (draw() - 0.5);
    }
    // The product of two uniforms has standard deviation 1/12; four standard errors.
    expect(Math.abs(product / 20_000)).toBeLessThan(4 / 12 / Math.sqrt(20_000));
  });
});
