import { sql } from 'kysely';
import type { Report } from '../analysis/report/report.ts';
import type { Database } from './connect.ts';

/**
 * Appends a report as a new version. The same report once more (a retried job) adds none.
 *
 * @returns its version, from 1
 */
export async function saveReport(db: Database, report: Report): Promise<number> {
  const { environment, experiment } = report;
  const cutoff = Date.parse(report.cutoff);
  const json = JSON.stringify(report);
  return await db.kysely.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`report/${environment}/${experiment.key}`}, 0))`.execute(
      trx,
    );
    const { rows } = await sql<{ version: number; same: boolean }>`
      select version, cutoff = ${cutoff} and report = ${json}::jsonb as same from report
      where environment = ${environment} and experiment = ${experiment.key} and iteration = ${experiment.iteration}
      order by version desc limit 1`.execute(trx);
    const last = rows[0];
    if (last?.same) return last.version;
    const version = (last?.version ?? 0) + 1;
    await sql`insert into report values (${environment}, ${experiment.key}, ${experiment.iteration}, ${version},
      ${cutoff}, ${json}::jsonb)`.execute(trx);
    return version;
  });
}

/** The newest report of an experiment: of its latest iteration, the last version. */
export async function latestReport(
  db: Database,
  environment: string,
  key: string,
): Promise<Report | undefined> {
  const { rows } = await sql<{ report: Report }>`select report from report
    where environment = ${environment} and experiment = ${key}
    order by iteration desc, version desc limit 1`.execute(db.kysely);
  return rows[0]?.report;
}

/** The newest report of every experiment that has one, by key. */
export async function listReports(db: Database, environment: string): Promise<Report[]> {
  const { rows } = await sql<{ report: Report }>`select distinct on (experiment) report from report
    where environment = ${environment} order by experiment, iteration desc, version desc`.execute(db.kysely);
  return rows.map((row) => row.report);
}
