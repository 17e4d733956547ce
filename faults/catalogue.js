import { apiKilled } from './kinds/api-killed.js';
import { badModel } from './kinds/bad-model.js';
import { clockJumps } from './kinds/clock-jumps.js';
import { configSave } from './kinds/config-save.js';
import { databaseHangs, databaseLocked } from './kinds/database-hangs.js';
import { databaseKilled } from './kinds/database-killed.js';
import { diskFull, smallDisk } from './kinds/disk-full.js';
import { journalDamaged } from './kinds/journal-damaged.js';
import { killSwitch } from './kinds/kill-switch.js';
import { overload } from './kinds/overload.js';
import { redisGone } from './kinds/redis-gone.js';
import { replays, timeZones } from './kinds/replays.js';
import { rollingRestart } from './kinds/rolling-restart.js';
import { syncFails } from './kinds/sync-fails.js';
import { workerKilled } from './kinds/worker-killed.js';
import { workerStalls } from './kinds/worker-stalls.js';

/** Every fault, in the order of the run: those that can lose something come first. */
export const FAULTS = [
  apiKilled,
  workerKilled,
  databaseKilled,
  databaseHangs,
  databaseLocked,
  diskFull,
  smallDisk,
  syncFails,
  journalDamaged,
  replays,
  killSwitch,
  configSave,
  badModel,
  redisGone,
  rollingRestart,
  overload,
  workerStalls,
  clockJumps,
  timeZones,
];
