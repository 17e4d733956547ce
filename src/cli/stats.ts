import type { Command } from 'commander';
import { suggestion } from '../declaration/suggest.ts';
import { InvalidInput } from '../files/invalid-input.ts';
import type { MethodAnswer } from '../methods/method.ts';
import { METHODS } from '../methods/methods.ts';

interface StatsOptions {
  readonly list?: boolean;
  readonly json?: boolean;
}

export function registerStats(program: Command): void {
  program
    .command('stats')
    .description('compute one statistic from JSON on standard input; --list names them all')
    .argument('[method]', 'its name')
    .option('--list', 'name every method; with --json, the JSON Schemas of its input and output')
    .option('--json', 'one JSON document on stdout (the answer always is one)')
    .action(async (name: string | undefined, { list, json }: StatsOptions) => {
      if (list || name === undefined) {
        process.stdout.write(json ? `${JSON.stringify(listed(), null, 2)}\n` : table());
        if (!list) process.exitCode = 2;
        return;
      }
      const answer = answerStats(name, await readAll(process.stdin));
      process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
      if (!answer.ok) process.exitCode = 'invalid' in answer ? 2 : 0;
    });
}

/** What a method answers to a JSON text. An unknown method or a text that is no JSON is the caller's mistake. */
export function answerStats(name: string, text: string): MethodAnswer {
  const method = METHODS.find((candidate) => candidate.name === name);
  if (!method) {
    const names = METHODS.map((candidate) => candidate.name);
    throw new InvalidInput(`${name} is not a method; ${suggestion(name, names)}`);
  }
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (error) {
    throw new InvalidInput(`the input is not JSON: ${(error as Error).message}`);
  }
  return method.compute(input);
}

function listed() {
  const methods = METHODS.map(({ name, description, paper, input, output }) => ({
    name,
    description,
    paper,
    input,
    output,
  }));
  return { schema: 'screentest/methods/v1', methods };
}

function table(): string {
  const width = Math.max(...METHODS.map(({ name }) => name.length));
  const lines = METHODS.map(({ name, description }) => `${name.padEnd(width)}  ${description}`);
  return `${lines.join('\n')}\n\nnpx screentest stats METHOD --json < input.json; --list --json shows what each reads and answers.\n`;
}

async function readAll(stream: AsyncIterable<Buffer | string>): Promise<string> {
  const parts: string[] = [];
  for await (const part of stream) parts.push(String(part));
  return parts.join('');
}
