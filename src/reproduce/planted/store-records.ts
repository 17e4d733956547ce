import { openChunkLog } from '../../db/chunk-log.ts';
import type { Database } from '../../db/connect.ts';
import type { Records } from '../../simulation/planted/plant.ts';

/** Records of one batch are sent together up to about this many. */
const SENT = 20_000;

/** Writes records into an environment of their own, all of them or none. */
export async function storeRecords(
  db: Database,
  environment: string,
  batches: Iterable<Records>,
  signal: AbortSignal,
): Promise<void> {
  const log = await openChunkLog(db, environment);
  const writer = await log.begin(0);
  try {
    let waiting = 0;
    for (const { requests, exposures, outcomes } of batches) {
      signal.throwIfAborted();
      writer.add({
        requests: requests.map((one) => ({ ...one, environment })),
        exposures: exposures.map((one) => ({ ...one, environment })),
        outcomes: outcomes.map((one) => ({ ...one, environment })),
      });
      waiting += requests.length + exposures.length + outcomes.length;
      if (waiting < SENT) continue;
      await writer.flush();
      waiting = 0;
    }
    await writer.commit(({ rows, bytes }) => ({ rows, bytes }));
  } catch (error) {
    await writer.rollback();
    throw error;
  } finally {
    await log.close();
  }
}
