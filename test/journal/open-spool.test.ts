import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { blockOf } from '../../src/db/outcome-block.ts';
import { readBlock } from '../../src/db/read-block.ts';
import type { OutcomeRecord } from '../../src/events/records.ts';
import { openJournal } from '../../src/journal/journal.ts';
import { openSpool } from '../../src/journal/open-spool.ts';
import { encodeRecord } from '../../src/journal/record-bytes.ts';
import type { LogTarget } from '../../src/journal/spooled-log.ts';

const base = mkdtempSync(join(tmpdir(), 'spools-'));
afterAll(() => rmSync(base, { recursive: true }));

const [FIRST, SECOND] = ['a', 'b'].map((digit) => `0199f0a0-0000-7000-8000-00000000000${digit}`) as [
  string,
  string,
];
const outcome = (id: string): OutcomeRecord => ({ environment: 'test', id, unit: 'u', at: 1, items: [] });
const stored: string[] = [];
const target: LogTarget = {
  append: async () => {},
  async storeBlocks(blocks) {
    const records = blocks.flatMap(readBlock);
    stored.push(...records.map(({ record }) => record.id));
    return { stored: records.length, duplicates: 0, conflicts: [] };
  },
  appendOutcomes: async (outcomes) => outcomes.map(() => 'stored'),
  deadLetters: async () => {},
  close: async () => {},
};

/** What a killed process leaves: its folder, and the mark of an owner that does not live. */
async function remains(place: string, id: string): Promise<void> {
  mkdirSync(join(base, place));
  writeFileSync(join(base, `${place}.owner`), JSON.stringify({ pid: 2 ** 22 + 1, started: '1' }));
  const journal = await openJournal(join(base, place));
  await journal.append(
    encodeRecord({
      receivedAt: 1,
      requests: [],
      exposures: [],
      outcomes: blockOf([outcome(id)], 1),
      deadLetters: [],
    }),
  );
  await journal.close();
}

describe('openSpool', () => {
  it('gives each process a folder of its own, and hands on what dead ones left', async () => {
    await remains('0', FIRST);
    await remains('7', SECOND);
    const first = await openSpool(base, target, { roundMs: 1 });
    const second = await openSpool(base, target, { roundMs: 1 });
    await first.close();
    await second.close();
    expect(stored.sort()).toEqual([FIRST, SECOND]);
    expect(readdirSync(base).filter((name) => name.endsWith('.owner'))).toEqual([]);
    expect(
      readdirSync(base)
        .filter((name) => /^\d+$/.test(name))
        .sort(),
    ).toEqual(['0', '1', '7']);
    stored.length = 0;
    const third = await openSpool(base, target, { roundMs: 1 });
    await third.close();
    expect(stored).toEqual([]);
  });

  it('says what to do where the folder cannot be written', async () => {
    writeFileSync(join(base, 'file'), '');
    await expect(openSpool(join(base, 'file'), target)).rejects.toThrow(
      'cannot keep a journal (EEXIST); give it a folder it may write to',
    );
  });
});
