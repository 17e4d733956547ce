/** A measurement reproduces a claim when it is within this share of it. */
const NEAR = 0.1;

export function near(value: number, expected: number): 'reproduced' | 'not reproduced' {
  return Math.abs(value / expected - 1) <= NEAR ? 'reproduced' : 'not reproduced';
}
