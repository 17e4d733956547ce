import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatP } from '../../analysis/report/format.ts';
import type { AnalysisDocument } from '../../analyze-units.ts';
import { bucket } from '../../assignment/hash.ts';
import { formatDeclarationError } from '../../declaration/errors.ts';
import { parseAnalysisSpec } from '../../declaration/parse-analysis-spec.ts';
import { analyzeFile } from '../../duckdb/analyze-file.ts';
import { openEngine } from '../../duckdb/open.ts';
import type { KeptUnits } from '../kept-units.ts';
import { type Plan, testEnd } from '../plan.ts';
import type { FaultRow } from './fault-table.ts';
import { covers, figureOf } from './report-figures.ts';

const DAY = 86_400_000;
const WEEK = 7;
const SATURDAY = 6;
/** Share of the treatment in each phase. */
const SHARES = { friday: 0.01, saturday: 0.5 } as const;
type Phase = keyof typeof SHARES;

/** One row of the imported file, and what it would have had in either arm. */
export interface ImportedUnit {
  readonly phase: Phase;
  readonly treated: boolean;
  /** Hours watched in the first 7 days: `[control, treatment]`. */
  readonly hours: readonly [number, number];
}

/**
 * A test that let 1 % in until its first Friday was over, and half of the users from the Saturday on: whoever came first in
 * it is more active than whoever came later. @param units  viewers who lived through both arms
 */
export function importedUnits(units: KeptUnits, plan: Plan): ImportedUnit[] {
  let saturday = plan.startMs;
  while (new Date(saturday).getUTCDay() !== SATURDAY) saturday += DAY;
  const hours = ({ watch, days }: KeptUnits['control'], unit: number) => {
    let seconds = 0;
    for (let day = 0; day < WEEK; day++) seconds += watch[unit * days + day]!;
    return seconds / 3600;
  };
  return Array.from(units.control.firstAt, (at, unit): ImportedUnit | undefined => {
    if (at + WEEK * DAY > testEnd(plan)) return undefined;
    const phase: Phase = at < saturday ? 'friday' : 'saturday';
    return {
      phase,
      treated: bucket(`imported-${plan.seed}`, `u${unit}`) < SHARES[phase],
      hours: [hours(units.control, unit), hours(units.treatment, unit)],
    };
  }).filter((unit) => unit !== undefined);
}

const SPEC = `unit: user
arm: arm
control: control
metrics: [{key: hours, name: Watch time in the first week, kind: mean, unit: h}]
`;
const PHASES = `phase: phase
phases:
  friday: {weights: {control: 99, treatment: 1}}
  saturday: {weights: {control: 50, treatment: 50}}
`;

/** The file analysed as any file is, with its phases named and without. */
export async function importedFault(units: KeptUnits, plan: Plan): Promise<FaultRow> {
  const imported = importedUnits(units, plan);
  const mean = (arm: 0 | 1) => imported.reduce((sum, { hours }) => sum + hours[arm], 0) / imported.length;
  const truth = mean(1) / mean(0) - 1;
  const folder = await mkdtemp(join(tmpdir(), 'screentest-imported-'));
  try {
    const path = join(folder, 'users.csv');
    const lines = imported.map(
      ({ phase, treated, hours }, i) =>
        `u${i},${phase},${treated ? 'treatment' : 'control'},${hours[treated ? 1 : 0]}`,
    );
    await writeFile(path, `user,phase,arm,hours\n${lines.join('\n')}\n`);
    const [naive, phased] = [await analysed(path, SPEC), await analysed(path, `${SPEC}${PHASES}`)];
    const relative = ({ metrics }: AnalysisDocument) => metrics[0]?.comparisons[0]?.relative;
    const figures = [
      figureOf('watch time in the first week, pooled', '%', relative(naive), truth),
      figureOf('the same, by phase', '%', relative(phased), truth),
    ];
    const [wrong, right] = figures.map(covers);
    return {
      key: 'changed-allocation',
      fault: 'an imported test whose allocation changed over a weekend',
      planted: `1 % of ${imported.length} users treated until Friday, half of them from Saturday on`,
      figures,
      found: naive.state === 'invalid' && phased.state === 'valid' && wrong === false && right === true,
      by: `pooled: ${naive.state}, sample ratio p ${formatP(naive.sampleRatio.p)}; by phase: ${phased.state}, p ${formatP(phased.sampleRatio.p)}`,
      verdict: `${naive.state} / ${phased.state}`,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function analysed(path: string, text: string): Promise<AnalysisDocument> {
  const parsed = parseAnalysisSpec({ path: 'analysis.yaml', text });
  if (!parsed.ok) throw new Error(parsed.errors.map(formatDeclarationError).join('\n'));
  const engine = await openEngine();
  try {
    const answer = await analyzeFile({
      path,
      spec: parsed.spec,
      file: parsed.file,
      allowed: new Set(),
      phase: (_name, _unit, run) => run(() => {}),
      engine,
    });
    if (!answer.ok) throw new Error(answer.errors.map(formatDeclarationError).join('\n'));
    return answer.document;
  } finally {
    await engine.close();
  }
}
