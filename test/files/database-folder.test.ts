import { expect, it } from 'vitest';
import { databaseFolder } from '../../src/files/database-folder.ts';

const of = (url: string | undefined) => databaseFolder('cache', 'journal', url);

it('is one per database, whoever connects', () => {
  expect(of('postgres://ann:secret@db:5432/shop')).toBe(of('postgres://bob@db:5432/shop'));
  const folders = [
    undefined,
    'postgres://db:5432/shop',
    'postgres://db:5432/other',
    'postgres://db:5433/shop',
    'postgres://db:5432/shop?options=-c%20search_path%3Dtest',
  ].map(of);
  expect(new Set(folders).size).toBe(folders.length);
});
