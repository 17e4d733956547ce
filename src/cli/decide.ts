import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { Command } from 'commander';
import { askServer, DEFAULT_SERVER, httpAddress, type ServerAnswer, toldBy } from './server-address.ts';

export interface DecideOptions {
  readonly reason: string;
  readonly by: string;
  readonly url?: readonly string[];
  readonly json?: boolean;
}

/** What one server made of a decision. */
interface Answered {
  readonly server: string;
  readonly ok: boolean;
  readonly answer?: unknown;
  readonly error?: string;
}

/** A command that decides about one experiment. */
export function decisionCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .argument('<key>', 'experiment, as in experiments/*.yaml')
    .requiredOption('--reason <text>', 'why: it is kept with the decision')
    .option('--by <name>', 'who decides', `${userInfo().username}@${hostname()}`)
    .option(
      '--url <url>',
      `a running server, ${DEFAULT_SERVER} if none is given; several, for when the database is down: it cannot tell the others`,
      (url: string, before: readonly string[] = []) => [...before, httpAddress(url)],
    )
    .option('--json', 'one JSON document on stdout');
}

/** Sends one decision to every server named; exit code 1 where one did not take it, 2 where it is not a decision at all. */
export async function decide(
  key: string,
  { reason, by, url = [DEFAULT_SERVER], json }: DecideOptions,
  change: { readonly action: string; readonly phase?: number },
): Promise<void> {
  const body = { ...change, reason, by, id: randomUUID() };
  let invalid = false;
  const servers = await Promise.all(
    url.map(async (server): Promise<Answered> => {
      let answer: ServerAnswer;
      try {
        answer = await askServer(server, `v1/experiments/${encodeURIComponent(key)}/state`, { body });
      } catch (error) {
        return { server, ok: false, error: (error as Error).message };
      }
      if (answer.status === 200) return { server, ok: true, answer: answer.body };
      invalid ||= answer.status === 400 || answer.status === 404;
      return { server, ok: false, error: toldBy(answer) };
    }),
  );
  if (json)
    process.stdout.write(
      `${JSON.stringify({ schema: 'screentest/decision/v1', experiment: key, ...body, servers }, undefined, 2)}\n`,
    );
  for (const { server, answer, error } of servers) {
    if (error !== undefined) process.stderr.write(`screentest: ${error}\n`);
    else if (!json) process.stdout.write(`${sentence(key, server, answer as Told)}\n`);
  }
  if (servers.some(({ ok }) => !ok)) process.exitCode = invalid ? 2 : 1;
}

interface Told {
  readonly stopped: boolean;
  readonly phase: number | null;
  readonly kept: 'database' | 'machine';
  readonly version: number | null;
}

function sentence(key: string, server: string, { stopped, phase, kept, version }: Told): string {
  const state = stopped ? 'is stopped' : phase === null ? 'runs by its clock' : `runs in phase ${phase}`;
  return kept === 'database'
    ? `${key} ${state} (version ${version}): every server that reaches the database obeys`
    : `${key} ${state} at ${server} and on servers that share its cache; others hear of it when the database is back`;
}
