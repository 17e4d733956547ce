import { Command, CommanderError } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportMarkdown } from '../../src/analysis/report/markdown.ts';
import { reportCsv } from '../../src/analysis/report/report-csv.ts';
import { analyze } from '../../src/analyze.ts';
import {
  answerReport,
  databaseSource,
  type ReportSource,
  registerReport,
  serverSource,
} from '../../src/cli/report.ts';
import { saveReport } from '../../src/db/reports.ts';
import { type TestDatabase, testDatabase } from '../support/databases.ts';
import { aggregatesOf, experimentOf, METRICS } from '../support/evidence.ts';

const report = analyze(experimentOf(), METRICS, aggregatesOf({ watch: [8, 9] }), 'c0ffee');

/** A server that knows `homepage-hybrid`, and `homepage-new` without a report. */
const answering = (async (address: URL) => {
  const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });
  if (address.pathname === '/v1/experiments') {
    return json({ experiments: [{ key: 'homepage-hybrid' }, { key: 'homepage-new' }] });
  }
  if (address.pathname === '/v1/experiments/homepage-hybrid/report') return json(report);
  if (address.pathname.startsWith('/v1/experiments/busy'))
    return json({ error: { message: 'the database is down' } }, 503);
  return json({ error: { message: 'unknown' } }, 404);
}) as typeof fetch;

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await saveReport(database.db, report);
});
afterAll(() => database.close());

const sources: readonly [string, () => ReportSource][] = [
  ['a server', () => serverSource('http://localhost:8080', answering)],
  ['the database', () => databaseSource(database.url, 'demo')],
];

describe.each(sources)('report from %s', (_, open) => {
  const ask = async (key: string, format: 'markdown' | 'json' | 'csv' = 'markdown') => {
    const source = open();
    try {
      return await answerReport(source, key, format);
    } finally {
      await source.close();
    }
  };

  it('prints Markdown', async () => {
    expect(await ask('homepage-hybrid')).toEqual({ stdout: reportMarkdown(report), stderr: '', code: 0 });
  });

  it('prints the same report as JSON', async () => {
    expect(JSON.parse((await ask('homepage-hybrid', 'json')).stdout)).toEqual(report);
  });

  it('prints its estimates as CSV', async () => {
    const { stdout } = await ask('homepage-hybrid', 'csv');
    expect(stdout).toBe(reportCsv(report));
    expect(stdout).toMatch(/^experiment,iteration,environment,/);
  });

  it('answers a misspelt key with the right one and exit code 2', async () => {
    const answer = await ask('homepage-hybird');
    expect(answer).toMatchObject({ stdout: '', code: 2 });
    expect(answer.stderr).toMatch(
      /no experiment "homepage-hybird"; did you mean homepage-hybrid\? known are homepage-hybrid/,
    );
  });
});

describe('report from a server that has none, or none to give', () => {
  it('an experiment without a report is exit code 1 and the way to one', async () => {
    const answer = await answerReport(
      serverSource('http://localhost:8080', answering),
      'homepage-new',
      'markdown',
    );
    expect(answer.code).toBe(1);
    expect(answer.stderr).toMatch(
      /homepage-new has no report yet; POST \/v1\/experiments\/homepage-new\/analyses/,
    );
  });

  it('no server: says what to do', async () => {
    const refused = (() => Promise.reject(new Error('ECONNREFUSED'))) as typeof fetch;
    await expect(answerReport(serverSource('http://localhost:1', refused), 'x', 'markdown')).rejects.toThrow(
      /no server answers at http:\/\/localhost:1; start one with npm start/,
    );
  });

  it('a server error is passed on', async () => {
    const source = serverSource('http://localhost:8080', answering);
    await expect(answerReport(source, 'busy', 'markdown')).rejects.toThrow(
      /answered 503: the database is down/,
    );
  });

  it('a bad address is refused before anything is asked', async () => {
    const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
    registerReport(program);
    for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} });
    const run = program.parseAsync(['node', 'screentest', 'report', 'x', '--url', 'localhost:8080']);
    await expect(run).rejects.toThrow(CommanderError);
    await expect(run).rejects.toThrow(/it should read like http:\/\/localhost:8080/);
  });
});
