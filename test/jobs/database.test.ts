import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { latestReport } from '../../src/db/reports.ts';
import { readDeclarations } from '../../src/files/declarations.ts';
import { type AnalysisJobs, createAnalysisJobs } from '../../src/jobs/analysis.ts';
import { schemaOf } from '../../src/jobs/broker.ts';
import { type TestDatabase, testDatabase } from '../support/databases.ts';
import { DAY } from '../support/evidence.ts';

const read = await readDeclarations('experiments');
if (!read.ok) throw new Error('the shipped declarations are invalid');
const { declarations } = read;

describe('analysis of the shipped experiments by the steps of the database, before any event', () => {
  const prefix = `test_${randomBytes(6).toString('hex')}`;
  let database: TestDatabase;
  let jobs: AnalysisJobs;
  beforeAll(async () => {
    database = await testDatabase();
    jobs = createAnalysisJobs({
      databaseUrl: database.url,
      prefix,
      db: database.db,
      declarations: () => declarations,
      environment: 'test',
      catalogueSize: 100,
    });
  });
  afterAll(async () => {
    await jobs.close();
    await database.db.pool.query(`drop schema if exists ${schemaOf(prefix)} cascade`);
    await database.close();
  });

  it.each(declarations.experiments)('$key: collecting, keep running, stored', async ({ key, startMs }) => {
    const report = await jobs.wait(await jobs.request(key, startMs + 2 * DAY));
    expect([report.state, report.verdict.decision, report.day]).toEqual(['collecting', 'keep-running', 2]);
    expect(await latestReport(database.db, 'test', key)).toEqual(report);
  });
});
