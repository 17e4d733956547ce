import type { PoolClient } from 'pg';
import { stageRows } from './columns.ts';
import { copyOfBlocks, type OutcomeBlock } from './outcome-block.ts';
import { OUTCOME, OUTCOME_NAMES } from './outcome-columns.ts';
import type { OutcomeNames } from './outcome-names.ts';

/** A row whose id is stored with another payload, which stays. */
export interface StoredConflict {
  readonly environment: string;
  readonly id: string;
  /** Hashes of the payload that was given and of the one that is stored. */
  readonly given: bigint;
  readonly stored: bigint;
}

export interface BlocksAnswer {
  readonly stored: number;
  readonly duplicates: number;
  readonly conflicts: readonly StoredConflict[];
}

/** Writes the rows of blocks not yet stored. Inside a transaction; `names` must know every name. */
export async function storeBlocks(
  client: PoolClient,
  blocks: readonly OutcomeBlock[],
  names: OutcomeNames,
): Promise<BlocksAnswer> {
  const given = blocks.reduce((sum, { lengths }) => sum + lengths.length, 0);
  const source = await stageRows(client, OUTCOME, copyOfBlocks(blocks, names.id));
  const { rowCount } = await client.query(
    // In id order, so that two writers with the same ids wait for each other instead of deadlocking; of twins the first.
    `insert into outcome (${OUTCOME_NAMES}) select ${OUTCOME_NAMES} from ${source} order by id, ctid on conflict do nothing`,
  );
  const stored = rowCount ?? 0;
  if (stored === given) return { stored, duplicates: 0, conflicts: [] };
  const { rows } = await client.query<{ environment: string; id: string; given: string; stored: string }>(
    // Looked up one by one: the table may hold a thousand times as many.
    `select environment, id, staged.payload::text as given, kept.payload::text as stored
     from ${source} cross join lateral (
       select payload from outcome
       where outcome.environment = staged.environment and outcome.id = staged.id and outcome.day = staged.day limit 1
     ) as kept where kept.payload <> staged.payload`,
  );
  const conflicts = rows.map((row) => ({ ...row, given: BigInt(row.given), stored: BigInt(row.stored) }));
  return { stored, duplicates: given - stored - conflicts.length, conflicts };
}
