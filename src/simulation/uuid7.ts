import { hash } from './random.ts';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * A UUIDv7 (RFC 9562) that is a function of its arguments, so that a run repeated or resumed makes the same ids.
 * Unique by construction within a seed: viewer, session and kind are part of its random bits.
 * @param at       epoch ms
 * @param viewer   below 2^26
 * @param session  of the viewer, below 2^14
 * @param kind     below 8: which record of the session
 */
export function uuid7(seed: number, at: number, viewer: number, session: number, kind: number): string {
  const high = Math.floor(at / 65536);
  const low = at % 65536;
  const salt = hash(seed, viewer, session, kind);
  const middle = 0x7000 | (salt & 0xfff);
  // 62 bits: viewer 26, session 14, kind 3, salt 19.
  const upper = (0x80000000 | (viewer << 4) | (session >>> 10)) >>> 0;
  const lower = (((session & 0x3ff) << 22) | (kind << 19) | (salt >>> 13)) >>> 0;
  const byte = (word: number, shift: number) => HEX[(word >>> shift) & 255]!;
  return (
    `${byte(high, 24)}${byte(high, 16)}${byte(high, 8)}${byte(high, 0)}-${byte(low, 8)}${byte(low, 0)}-` +
    `${byte(middle, 8)}${byte(middle, 0)}-${byte(upper, 24)}${byte(upper, 16)}-` +
    `${byte(upper, 8)}${byte(upper, 0)}${byte(lower, 24)}${byte(lower, 16)}${byte(lower, 8)}${byte(lower, 0)}`
  );
}
