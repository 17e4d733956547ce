import type { OutcomeRecord } from '../events/records.ts';

/** A 64-bit fingerprint of a stream of outcomes, in order: two runs are alike when theirs are. Not for security. */
export function createDigest(): { add(outcome: OutcomeRecord): void; value(): string } {
  let a = 0x811c9dc5;
  let b = 0x1000193;
  const word = (value: number) => {
    a = Math.imul(a ^ value, 0x01000193);
    b = Math.imul((b << 5) | (b >>> 27), 0x9e3779b1) ^ value;
  };
  const text = (value: string) => {
    for (let i = 0; i < value.length; i++) word(value.charCodeAt(i));
  };
  return {
    add(outcome) {
      text(outcome.unit);
      word(outcome.at / 65_536);
      word(outcome.at % 65_536);
      text(outcome.surface ?? '');
      for (const item of outcome.items) {
        text(item.name);
        word(item.value);
        word(item.title);
        word(item.afterMs);
      }
    },
    value: () => (a >>> 0).toString(16).padStart(8, '0') + (b >>> 0).toString(16).padStart(8, '0'),
  };
}
