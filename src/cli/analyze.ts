import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { ALLOWABLE } from '../analysis/study/data-check.ts';
import type { AnalysisDocument } from '../analyze-units.ts';
import { formatDeclarationError, quoteDeclarationError } from '../declaration/errors.ts';
import { parseAnalysisSpec } from '../declaration/parse-analysis-spec.ts';
import { suggestion } from '../declaration/suggest.ts';
import { analyzeFile } from '../duckdb/analyze-file.ts';
import { openEngine } from '../duckdb/open.ts';
import { InvalidInput } from '../files/invalid-input.ts';
import { analysisText } from './analysis-text.ts';
import { createProgressReporter } from './progress.ts';

interface AnalyzeOptions {
  readonly data: string;
  readonly spec: string;
  readonly allow: readonly string[];
  readonly memory: string;
  readonly json?: boolean;
}

const KNOWN = Object.keys(ALLOWABLE);

function faults(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !KNOWN.includes(name));
  if (unknown === undefined) return names;
  throw new InvalidArgumentError(
    `${unknown} is not a fault that can be allowed; ${suggestion(unknown, KNOWN)}`,
  );
}

function memory(text: string): string {
  if (/^\d+(\.\d+)?\s?[MG]B$/i.test(text)) return text;
  throw new InvalidArgumentError('write it like 2GB.');
}

export function registerAnalyze(program: Command): void {
  program
    .command('analyze')
    .description(
      'compare the arms of any table with one row per unit (exit code 2 when the data cannot be trusted)',
    )
    .requiredOption('--data <file>', 'CSV or Parquet, also gzipped CSV')
    .requiredOption('--spec <file>', 'analysis.yaml: units, arms, metrics')
    .option('--allow <faults>', `put up with faults of the data: ${KNOWN.join(', ')}`, faults, [])
    .option('--memory <size>', 'memory to use before spilling to disk', memory, '1GB')
    .option('--json', 'one JSON document on stdout')
    .action(analyze);
}

async function analyze(options: AnalyzeOptions): Promise<void> {
  const text = await readFile(options.spec, 'utf8').catch(() => {
    throw new InvalidInput(`${options.spec}: there is no such file; check the path`);
  });
  const fail = (errors: Parameters<typeof formatDeclarationError>[0][]) => {
    const told = errors.map(
      (error) => `${formatDeclarationError(error)}\n${quoteDeclarationError(error, text)}\n`,
    );
    process.stderr.write(told.join('\n'));
    process.exitCode = 2;
  };
  // DuckDB starts while the specification is read.
  const opening = openEngine({ memory: options.memory });
  const parsed = parseAnalysisSpec({ path: options.spec, text });
  const engine = await opening;
  try {
    if (!parsed.ok) return fail([...parsed.errors]);
    const answer = await analyzeFile({
      path: options.data,
      spec: parsed.spec,
      file: parsed.file,
      allowed: new Set(options.allow),
      phase: createProgressReporter(process.stderr).phase,
      engine,
    });
    if (!answer.ok) return fail([...answer.errors]);
    tell(answer.document, options);
  } finally {
    await engine.abandon();
  }
}

function tell(document: AnalysisDocument, options: AnalyzeOptions): void {
  const text = options.json ? `${JSON.stringify(document, null, 2)}\n` : analysisText(document);
  process.stdout.write(text);
  if (document.state === 'valid') return;
  process.stderr.write(`screentest: ${document.state}: ${document.reason}\n`);
  if (document.state === 'withheld') process.exitCode = 2;
}
