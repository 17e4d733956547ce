import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Living processes below one, itself first. */
export function family(pid) {
  const parents = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state !== 'Z') parents.set(Number(name), Number(parent));
    } catch {
      // It ended meanwhile.
    }
  }
  if (!parents.has(pid)) return [];
  const found = [pid];
  for (const member of found) for (const [child, parent] of parents) if (parent === member) found.push(child);
  return found;
}

/** A signal to a process and all below it; those that ended meanwhile are left out. */
export function signalFamily(pid, signal) {
  for (const member of family(pid)) {
    try {
      process.kill(member, signal);
    } catch {
      // It ended meanwhile.
    }
  }
}

/** Living children of a process whose command line holds this word. */
export function children(pid, word) {
  return family(pid).filter((member) => {
    try {
      const stat = readFileSync(`/proc/${member}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      return parent === pid && readFileSync(`/proc/${member}/cmdline`, 'utf8').split('\0').includes(word);
    } catch {
      return false;
    }
  });
}

/** Keeps these processes, all their threads and whatever they start from now on to some of the cores, as `taskset -c` names them. */
export function keepTo(cores, pids) {
  for (const pid of pids) {
    try {
      execFileSync('taskset', ['-a', '-p', '-c', cores, String(pid)], { stdio: 'ignore' });
    } catch {
      // It ended meanwhile, or there is no taskset: then it runs where it likes.
    }
  }
}
