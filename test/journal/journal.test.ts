import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FRAME_HEADER } from '../../src/journal/frame.ts';
import { type Journal, openJournal } from '../../src/journal/journal.ts';

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'journal-'));
  folders.push(folder);
  return folder;
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const bytes = (text: string) => Buffer.from(text);
const segments = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.journal'));

/** Everything that waits, in order, confirmed batch by batch. */
async function drain(journal: Journal, size = 64): Promise<string[]> {
  const texts: string[] = [];
  for (;;) {
    const batch = await journal.read(size);
    if (batch === undefined) return texts;
    texts.push(...batch.payloads.map(String));
    await journal.confirm(batch.end);
  }
}

/** A closed journal with these records and its only segment. */
async function written(texts: readonly string[]): Promise<{ folder: string; path: string }> {
  const folder = newFolder();
  const journal = await openJournal(folder);
  for (const text of texts) await journal.append(bytes(text));
  await journal.close();
  return { folder, path: join(folder, segments(folder)[0]!) };
}

describe('a journal', () => {
  it('hands records on once, in order, across starts', async () => {
    const folder = newFolder();
    const first = await openJournal(folder);
    await Promise.all(['a', 'b', 'c'].map((text) => first.append(bytes(text))));
    const batch = (await first.read(1))!;
    expect(batch.payloads.map(String)).toEqual(['a']);
    await first.confirm(batch.end);
    await first.append(bytes(''));
    await first.close();
    const second = await openJournal(folder);
    await second.append(bytes('d'));
    expect(await drain(second)).toEqual(['b', 'c', '', 'd']);
    expect(await second.read(100)).toBeUndefined();
    await second.close();
    const third = await openJournal(folder);
    expect(await drain(third)).toEqual([]);
    expect(third.stats()).toMatchObject({ waiting: 0, damaged: 0 });
    await third.close();
  });

  it('hands unconfirmed records on again', async () => {
    const { folder } = await written(['a', 'b']);
    for (const _ of [1, 2]) {
      const journal = await openJournal(folder);
      expect((await journal.read(1000))!.payloads.map(String)).toEqual(['a', 'b']);
      await journal.close();
    }
  });

  it('shares a sync among what arrives together', async () => {
    const journal = await openJournal(newFolder());
    await Promise.all(Array.from({ length: 1000 }, (_, i) => journal.append(bytes(`record ${i}`))));
    expect(journal.stats()).toMatchObject({ records: 1000, syncs: 1 });
    expect(await drain(journal, 500)).toHaveLength(1000);
    await journal.close();
  });

  it('forgets segments that were handed on', async () => {
    const folder = newFolder();
    const journal = await openJournal(folder, { segmentBytes: 50 });
    const texts = Array.from({ length: 20 }, (_, i) => `record ${i}`);
    for (const text of texts) await journal.append(bytes(text));
    expect(segments(folder).length).toBeGreaterThan(5);
    expect(await drain(journal)).toEqual(texts);
    await journal.append(bytes('last'));
    expect(await drain(journal)).toEqual(['last']);
    expect(segments(folder)).toHaveLength(1);
    await journal.close();
  });

  it('refuses more than may wait, until some was handed on', async () => {
    const journal = await openJournal(newFolder(), { maxBytes: 40 });
    await journal.append(bytes('12345678'));
    await journal.append(bytes('12345678'));
    await expect(journal.append(bytes('12345678'))).rejects.toMatchObject({ code: 'full' });
    expect(await drain(journal)).toHaveLength(2);
    await journal.append(bytes('12345678'));
    await journal.close();
    await expect(journal.append(bytes('late'))).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('the place up to which records were handed on', () => {
  /** A journal of three records, the first of them handed on. */
  async function begun() {
    const folder = newFolder();
    const journal = await openJournal(folder);
    for (const text of ['one', 'two', 'three']) await journal.append(bytes(text));
    await journal.confirm((await journal.read(1))!.end);
    await journal.close();
    return { folder, path: join(folder, segments(folder)[0]!), cursor: join(folder, 'cursor.json') };
  }
  const left = async (folder: string) => {
    const journal = await openJournal(folder);
    const { damaged } = journal.stats();
    const texts = await drain(journal);
    await journal.close();
    return { texts, damaged };
  };

  it('is the beginning again when any byte of it is changed', async () => {
    const whole = readFileSync((await begun()).cursor);
    for (let at = 0; at < whole.byteLength; at++) {
      const { folder, cursor } = await begun();
      const changed = Buffer.from(whole);
      changed[at] = changed[at]! ^ 1;
      writeFileSync(cursor, changed);
      expect((await left(folder)).texts).toEqual(['one', 'two', 'three']);
    }
  });

  it('makes damage before it harmless', async () => {
    const { folder, path } = await begun();
    const damaged = readFileSync(path);
    damaged[FRAME_HEADER] = 0;
    writeFileSync(path, damaged);
    expect(await left(folder)).toEqual({ texts: ['two', 'three'], damaged: 0 });
  });

  it('may lie behind the end of a segment that was cut off', async () => {
    const { folder, path } = await begun();
    truncateSync(path, 2);
    expect(await left(folder)).toEqual({ texts: [], damaged: 0 });
  });

  it('is written now and then: a crash before that costs a repetition', async () => {
    const folder = newFolder();
    const journal = await openJournal(folder, { cursorMs: 2 ** 30 });
    for (const text of ['one', 'two', 'three']) await journal.append(bytes(text));
    await journal.confirm((await journal.read(1))!.end);
    const crashed = newFolder();
    cpSync(folder, crashed, { recursive: true });
    await journal.close();
    expect((await left(crashed)).texts).toEqual(['one', 'two', 'three']);
    expect((await left(folder)).texts).toEqual(['two', 'three']);
  });

  it('is written while the journal goes on', async () => {
    const folder = newFolder();
    const journal = await openJournal(folder, { cursorMs: 1 });
    for (const text of ['one', 'two', 'three']) await journal.append(bytes(text));
    await journal.confirm((await journal.read(1))!.end);
    // It is written as well when the first segment is begun.
    const place = () => JSON.parse(readFileSync(join(folder, 'cursor.json'), 'utf8'));
    await vi.waitFor(() => expect(place().offset).toBeGreaterThan(0), 10_000);
    const crashed = newFolder();
    cpSync(folder, crashed, { recursive: true });
    await journal.close();
    expect((await left(crashed)).texts).toEqual(['two', 'three']);
  });

  it('need not be written for work to go on and segments to go', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'cursor.json.new'));
    const journal = await openJournal(folder, { segmentBytes: 20 });
    for (const text of ['one', 'two', 'three', 'four', 'five']) await journal.append(bytes(text));
    expect(await drain(journal)).toEqual(['one', 'two', 'three', 'four', 'five']);
    expect(segments(folder).length).toBeLessThan(2);
    await journal.close();
  });
});

describe('a segment cut off anywhere', () => {
  it('keeps the records before the cut', async () => {
    const texts = ['one', 'three', '', 'four'];
    const { path } = await written(texts);
    const whole = readFileSync(path);
    const ends = texts.map((_, i) =>
      texts.slice(0, i + 1).reduce((sum, text) => sum + FRAME_HEADER + text.length, 0),
    );
    for (let length = whole.byteLength; length >= 0; length--) {
      const folder = newFolder();
      writeFileSync(join(folder, basename(path)), whole.subarray(0, length));
      const journal = await openJournal(folder);
      const kept = ends.filter((end) => end <= length).length;
      const batch = await journal.read(1000);
      expect(batch?.payloads.map(String) ?? []).toEqual(texts.slice(0, kept));
      expect(journal.stats().damaged).toBe(length - (ends[kept - 1] ?? 0));
      await journal.close();
    }
  });

  it('does not stand before what is written later', async () => {
    const { folder, path } = await written(['one', 'two']);
    appendFileSync(path, Buffer.from([9, 0, 0, 0, 1, 2]));
    const journal = await openJournal(folder);
    await journal.append(bytes('three'));
    expect(await drain(journal)).toEqual(['one', 'two', 'three']);
    await journal.close();
  });
});

describe('a flipped byte', () => {
  it('loses the records from there on, invents none, and is counted', async () => {
    const texts = ['one', 'three', '', 'four'];
    const { folder, path } = await written(texts);
    const whole = readFileSync(path);
    for (let at = 0; at < whole.byteLength; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = damaged[at]! ^ (1 << (at % 8));
      writeFileSync(path, damaged);
      const journal = await openJournal(folder);
      const found = (await journal.read(1000))?.payloads.map(String) ?? [];
      expect(texts.slice(0, found.length)).toEqual(found);
      expect(found.length).toBeLessThan(texts.length);
      expect(journal.stats().damaged).toBeGreaterThan(0);
      await journal.append(bytes('later'));
      expect((await drain(journal)).at(-1)).toBe('later');
      await journal.close();
      rmSync(folder, { recursive: true });
      await openJournal(folder).then((empty) => empty.close());
    }
  });
});
