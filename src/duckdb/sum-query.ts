import type { Engine, Row } from './open.ts';

/** Sums to take in one pass over `units`, each once however many metrics share it, and where its result stands. */
export interface Sums {
  /** Name of a value per unit, as SQL. */
  column(sql: string): string;
  /** Asks for an aggregate of such values. */
  add(aggregate: string): void;
  /** Value of an aggregate in a row of the answer. */
  of(row: Row, aggregate: string): number;
  /** Takes all sums by arm and each set of columns; the answer gives the rows of one set. */
  take(
    engine: Engine,
    sets: readonly (readonly string[])[],
  ): Promise<(set: readonly string[]) => readonly Row[]>;
}

export function createSums(): Sums {
  const columns = new Map<string, string>();
  const aggregates = new Map<string, string>();
  const named = (names: Map<string, string>, sql: string, prefix: string): string => {
    const name = names.get(sql) ?? `${prefix}${names.size}`;
    names.set(sql, name);
    return name;
  };
  return {
    column: (sql) => named(columns, sql, 'c'),
    add: (aggregate) => {
      named(aggregates, aggregate, 'g');
    },
    of: (row, aggregate) => Number(row[named(aggregates, aggregate, 'g')] ?? 0),
    async take(engine, sets) {
      const keys = [...new Set(sets.flat())];
      const heads = ['a', ...keys].join(', ');
      const inner = [...columns].map(([sql, name]) => `${sql} as ${name}`);
      const outer = [...aggregates].map(([sql, name]) => `${sql} as ${name}`);
      const unique = [...new Map(sets.map((set) => [bits(set, keys), set])).values()];
      const grouped = unique.map((set) => `(${['a', ...set].join(', ')})`);
      const rows = await engine.rows(
        `select ${[heads, `grouping(${heads}) as absent`, 'count(*) as rows', ...outer].join(', ')}
        from (select ${[heads, ...inner].join(', ')} from units) group by grouping sets (${grouped.join(', ')})`,
      );
      return (set) => rows.filter(({ absent }) => absent === bits(set, keys));
    },
  };
}

/** What grouping() answers for a set: a bit for each key that is not in it, the last key's the lowest. */
function bits(set: readonly string[], keys: readonly string[]): number {
  return keys.reduce((mask, key) => mask * 2 + (set.includes(key) ? 0 : 1), 0);
}
