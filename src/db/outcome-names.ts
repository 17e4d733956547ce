import type { Pool } from 'pg';

/** Outcome names as small integers; new names get the next one. */
export interface OutcomeNames {
  /** After this, `id` knows every one of these names. */
  ensure(names: Iterable<string>): Promise<void>;
  id(name: string): number;
  forget(): void;
}

export function createOutcomeNames(pool: Pool): OutcomeNames {
  const ids = new Map<string, number>();
  return {
    async ensure(names) {
      const missing = [...new Set(names)].filter((name) => !ids.has(name)).sort();
      if (missing.length === 0) return;
      // `not exists` first: a conflict would burn a number of the sequence.
      await pool.query(
        `insert into outcome_name (name)
         select name from unnest($1::text[]) as new(name)
         where not exists (select from outcome_name old where old.name = new.name)
         on conflict (name) do nothing`,
        [missing],
      );
      const { rows } = await pool.query<{ id: number; name: string }>(
        'select id, name from outcome_name where name = any($1)',
        [missing],
      );
      for (const row of rows) ids.set(row.name, row.id);
    },
    id(name) {
      const id = ids.get(name);
      if (id === undefined) throw new Error(`outcome name ${name} was not ensured before use`);
      return id;
    },
    forget: () => ids.clear(),
  };
}
