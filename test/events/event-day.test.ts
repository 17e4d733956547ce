import { v4, v7 } from 'uuid';
import { expect, test } from 'vitest';
import { dayText, eventDay } from '../../src/events/event-day.ts';
import { payloadHash } from '../../src/events/payload-hash.ts';

const at = Date.parse('2026-10-05T23:59:59.999Z');
const DAY = 86_400_000;

test.each([
  ['v7 of the same moment', v7({ msecs: at }), at, '2026-10-05'],
  ['v7 made a moment later, on the next day', v7({ msecs: at + 1 }), at, '2026-10-06'],
  ['v7 in upper case', v7({ msecs: at + 1 }).toUpperCase(), at, '2026-10-06'],
  ['v7 far from its record: the record decides', v7({ msecs: at + 400 * DAY }), at, '2026-10-05'],
  ['v4: the record decides', v4(), at, '2026-10-05'],
  ['before 1970', v4(), -1, '1969-12-31'],
])('the partition day of %s', (_, id, time, expected) => {
  expect(dayText(eventDay(id, time))).toBe(expected);
});

const record = {
  environment: 'e',
  id: v4(),
  unit: 'u',
  at,
  items: [{ name: 'click', value: 1, title: 2, afterMs: 3 }],
};

// python3: h=0xcbf29ce484222325
// for c in '["u",1791244799999,null,[["click",1,2,3]]]': h=((h^ord(c))*0x100000001b3) % 2**64
// h - 2**64 if h >= 2**63 else h
test('the payload hash is FNV-1a over the canonical text', () => {
  expect(payloadHash(record)).toBe(-1940814058502556089n);
});

test.each([
  { unit: 'v' },
  { at: at + 1 },
  { requestId: v4() },
  { items: [] },
  { items: [{ name: 'click', value: 2, title: 2, afterMs: 3 }] },
])('the payload hash changes with %j', (change) => {
  expect(payloadHash({ ...record, ...change })).not.toBe(payloadHash(record));
});

test('the payload hash leaves out the surface, which may be ours', () => {
  expect(payloadHash({ ...record, surface: 'homepage' })).toBe(payloadHash(record));
});
