import type { Command } from 'commander';
import { reportMarkdown } from '../analysis/report/markdown.ts';
import type { Report } from '../analysis/report/report.ts';
import { reportCsv } from '../analysis/report/report-csv.ts';
import { connect } from '../db/connect.ts';
import { latestReport, listReports } from '../db/reports.ts';
import { nearest } from '../declaration/suggest.ts';
import { askServer, DEFAULT_SERVER, httpAddress, toldBy } from './server-address.ts';

/** Where reports come from: a running server, or the database behind it. */
export interface ReportSource {
  /** Undefined when there is none for that key. */
  latest(key: string): Promise<Report | undefined>;
  /** Keys that may be asked for. */
  keys(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** The command's answer: what goes to stdout and stderr, and the exit code (0 ok, 1 failed, 2 invalid input). */
export interface ReportAnswer {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: 0 | 1 | 2;
}

/** Reads from the API of a running server. */
export function serverSource(url: string, request: typeof fetch = fetch): ReportSource {
  const get = (path: string) =>
    askServer(url, path, { request }).catch((error: Error) => {
      throw new Error(`${error.message}, or use --database-url`, { cause: error });
    });
  return {
    async latest(key) {
      const { status, body } = await get(`v1/experiments/${encodeURIComponent(key)}/report`);
      if (status === 200) return body as Report;
      if (status === 404) return undefined;
      throw new Error(`the server answered ${status}: ${toldBy({ status, body })}`);
    },
    async keys() {
      const { body } = await get('v1/experiments');
      return (body as { experiments: readonly { key: string }[] }).experiments.map(({ key }) => key);
    },
    close: async () => {},
  };
}

/** Reads from the database. */
export function databaseSource(url: string, environment: string): ReportSource {
  const db = connect(url);
  return {
    latest: (key) => latestReport(db, environment, key),
    keys: async () => (await listReports(db, environment)).map(({ experiment }) => experiment.key),
    close: () => db.close(),
  };
}

const FORMATS = {
  markdown: reportMarkdown,
  json: (report: Report) => `${JSON.stringify(report, null, 2)}\n`,
  csv: reportCsv,
};

/** The report of one experiment; an unknown key is answered with the nearest known one. */
export async function answerReport(
  source: ReportSource,
  key: string,
  format: keyof typeof FORMATS,
): Promise<ReportAnswer> {
  const found = await source.latest(key);
  if (found) {
    return { stdout: FORMATS[format](found), stderr: '', code: 0 };
  }
  const keys = await source.keys();
  if (keys.includes(key)) {
    const mend = `POST /v1/experiments/${key}/analyses makes one`;
    return { stdout: '', stderr: `screentest: ${key} has no report yet; ${mend}\n`, code: 1 };
  }
  const near = nearest(key, keys);
  const meant = near ? `did you mean ${near}? ` : '';
  const known = keys.length > 0 ? `known are ${keys.join(', ')}` : 'there are none yet';
  return {
    stdout: '',
    stderr: `screentest: no experiment ${JSON.stringify(key)}; ${meant}${known}\n`,
    code: 2,
  };
}

interface Options {
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly url: string;
  readonly databaseUrl?: string;
  readonly environment: string;
}

/** `screentest report KEY`. */
export function registerReport(program: Command): void {
  program
    .command('report')
    .description('print the latest report of an experiment as Markdown, JSON or CSV')
    .argument('<key>', 'experiment, as in experiments/*.yaml')
    .option('--json', 'one JSON document, schema screentest/report/v1')
    .option('--csv', 'the estimates as a long table')
    .option('--url <url>', 'a running server', httpAddress, DEFAULT_SERVER)
    .option('--database-url <url>', 'read from this Postgres instead of a server')
    .option('--environment <name>', 'which environment in the database', 'demo')
    .action(async (key: string, options: Options) => {
      const source = options.databaseUrl
        ? databaseSource(options.databaseUrl, options.environment)
        : serverSource(options.url);
      try {
        const { stdout, stderr, code } = await answerReport(
          source,
          key,
          options.json ? 'json' : options.csv ? 'csv' : 'markdown',
        );
        process.stdout.write(stdout);
        process.stderr.write(stderr);
        process.exitCode = code;
      } finally {
        await source.close();
      }
    });
}
