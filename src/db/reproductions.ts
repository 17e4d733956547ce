import type { Database } from './connect.ts';
import { dropLoadTables } from './load-tables.ts';

/** Thrown when another process writes the same environment. */
export class AlreadyRunning extends Error {}

/** What is known of a reproduction in this database. */
export interface KnownReproduction {
  readonly plan: unknown;
  /** Undefined until it has ended. */
  readonly document: unknown;
  /** What each committed chunk came to. */
  readonly chunks: ReadonlyMap<number, unknown>;
}

/**
 * Keeps others from writing the environment until `release`, or until this process is gone.
 *
 * @throws AlreadyRunning
 */
export async function claimEnvironment(db: Database, environment: string): Promise<() => Promise<void>> {
  const client = await db.pool.connect();
  const { rows } = await client.query<{ mine: boolean }>(
    'select pg_try_advisory_lock(hashtextextended($1, 0)) as mine',
    [`reproduction/${environment}`],
  );
  if (!rows[0]!.mine) {
    client.release();
    throw new AlreadyRunning(
      `another process writes ${environment} in this database; wait for it, or give another seed or number of users`,
    );
  }
  return async () => client.release(true);
}

export async function readReproduction(
  db: Database,
  environment: string,
): Promise<KnownReproduction | undefined> {
  const { rows } = await db.pool.query<{ plan: unknown; document: unknown }>(
    'select plan, document from reproduction where environment = $1',
    [environment],
  );
  const known = rows[0];
  if (known === undefined) return undefined;
  const chunks = await db.pool.query<{ chunk: number; figures: unknown }>(
    'select chunk, figures from reproduction_chunk where environment = $1 order by chunk',
    [environment],
  );
  return {
    plan: known.plan,
    document: known.document ?? undefined,
    chunks: new Map(chunks.rows.map(({ chunk, figures }) => [chunk, figures])),
  };
}

export async function beginReproduction(db: Database, environment: string, plan: object): Promise<void> {
  await db.pool.query('insert into reproduction (environment, plan) values ($1, $2)', [
    environment,
    JSON.stringify(plan),
  ]);
}

export async function endReproduction(db: Database, environment: string, document: object): Promise<void> {
  await db.pool.query('update reproduction set document = $2 where environment = $1', [
    environment,
    JSON.stringify(document),
  ]);
}

/** Documents of the runs that have ended, by environment. */
export async function listReproductions(db: Database): Promise<readonly unknown[]> {
  const { rows } = await db.pool.query<{ document: unknown }>(
    'select document from reproduction where document is not null order by environment',
  );
  return rows.map(({ document }) => document);
}

/** Removes a run and the environments beside it, whose names begin with its own: those first, so that its days can be emptied at once. */
export async function removeReproduction(db: Database, environment: string): Promise<void> {
  const { rows } = await db.pool.query<{ environment: string }>(
    `select environment from exposure where environment like $1 group by environment`,
    [`${environment}-%`],
  );
  for (const beside of rows) await removeEnvironment(db, beside.environment);
  await removeEnvironment(db, environment);
}

/** Tables whose rows an environment has; those of a roll-up are made anew, and go with the next one. */
const SMALL = ['exposure', 'report', 'title', 'genre', 'reproduction_chunk', 'reproduction'];

/** Removes everything of an environment: a partition that nobody else is in is emptied at once. */
export async function removeEnvironment(db: Database, environment: string): Promise<void> {
  await dropLoadTables(db, environment);
  const { rows } = await db.pool.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits
     where inhparent in ('request'::regclass, 'outcome'::regclass)`,
  );
  for (const { name } of rows) {
    const others = await db.pool.query(`select from ${name} where environment <> $1 limit 1`, [environment]);
    if (others.rowCount === 0) await db.pool.query(`truncate ${name}`);
    else await db.pool.query(`delete from ${name} where environment = $1`, [environment]);
  }
  for (const table of SMALL)
    await db.pool.query(`delete from ${table} where environment = $1`, [environment]);
}
