import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { type PlanDocument, planDocument } from '../analysis/planning/plan-document.ts';
import { historyRequest } from '../analysis/planning/plan-history.ts';
import type { Report } from '../analysis/report/report.ts';
import { InvalidInput } from '../files/invalid-input.ts';
import { planOfFigures } from './plan-figures.ts';
import { changeOf, DAYS, lookingOf, type PlanOptions, POWER, shareOf, whole, wrong } from './plan-options.ts';
import { planText } from './plan-text.ts';
import {
  answerReport,
  databaseSource,
  type ReportAnswer,
  type ReportSource,
  serverSource,
} from './report.ts';

/** Declared looks as shares of the end, read from the declaration that the report quotes. */
function declaredLooks(report: Report) {
  const kind = report.metrics.flatMap(({ comparisons }) => comparisons)[0]?.interval.kind;
  const { looks, spending } =
    (parse(report.experiment.yaml) as { analysis?: { looks?: unknown; spending?: string } } | null)
      ?.analysis ?? {};
  const days = Array.isArray(looks) ? looks.map((look) => Number.parseFloat(String(look))) : [];
  const last = days.at(-1) ?? 0;
  return {
    ...(kind && { interval: kind }),
    ...(last > 0 && { looks: days.map((day) => day / last) }),
    spending: spending ?? 'obrien-fleming',
  };
}

/** The plan of an experiment from its latest report. */
export function planOfReport(report: Report, options: PlanOptions): PlanDocument {
  const { maturity, alpha } = report.experiment;
  const tuned = {
    tunedAlpha: alpha,
    ...(maturity && { plannedUnits: Math.max(2, 2 * maturity.unitsPerArm) }),
  };
  return planDocument(
    historyRequest(report, {
      ...(options.mde !== undefined && { mde: changeOf('--mde', options.mde) }),
      ...(options.days !== undefined && { days: whole('--days', options.days, DAYS) }),
      power: shareOf('--power', options.power, POWER),
      looking: lookingOf(options, declaredLooks(report), tuned),
    }),
  );
}

function fileSource(path: string): ReportSource {
  const read = () => {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (cause) {
      const mend = 'no such file can be read; screentest report KEY --json > report.json makes one';
      throw new InvalidInput(`--report ${JSON.stringify(path)}: ${mend}`, { cause });
    }
    try {
      const report = JSON.parse(text) as Report;
      if (report.schema === 'screentest/report/v1') return report;
    } catch {
      // Told below, as any other file that is no report.
    }
    throw wrong('--report', path, 'it is not a report (schema screentest/report/v1)');
  };
  return {
    latest: async (key) => {
      const report = read();
      return report.experiment.key === key ? report : undefined;
    },
    keys: async () => [read().experiment.key],
    close: async () => {},
  };
}

function httpAddress(text: string): string {
  if (/^https?:\/\/[^/]/.test(text) && URL.canParse(text)) return text;
  throw wrong('--url', text, 'it should read like http://localhost:8080');
}

function print(document: PlanDocument, json: boolean | undefined): ReportAnswer {
  const stdout = json ? `${JSON.stringify(document, null, 2)}\n` : planText(document);
  return { stdout, stderr: '', code: 0 };
}

const FIGURES = [
  'mean',
  'sd',
  'proportion',
  'ratio',
  'treatmentSd',
  'margin',
  'trueEffect',
  'lowerIsBetter',
  'weights',
  'units',
  'unitsPerDay',
  'alpha',
  'comparisons',
  'guardrails',
] as const;

/** The command's answer: from the report of `key`, or from the figures. */
export async function answerPlan(
  source: () => ReportSource,
  key: string | undefined,
  options: PlanOptions,
): Promise<ReportAnswer> {
  if (key === undefined) {
    if (options.mean === undefined && options.proportion === undefined) {
      throw new InvalidInput(
        'name an experiment (plan KEY), or give figures: --proportion 18.2%, or --mean 8.4 --sd 9',
      );
    }
    return print(planOfFigures(options), options.json);
  }
  const given = FIGURES.find((option) => options[option] !== undefined);
  if (given) {
    const dashed = given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new InvalidInput(
      `--${dashed} belongs to a plan from figures, ${JSON.stringify(key)} to one from an experiment's history: leave one out`,
    );
  }
  const opened = source();
  try {
    const report = await opened.latest(key);
    // Without a report the answer is the one of `screentest report`: the nearest key, or how to make one.
    return report
      ? print(planOfReport(report, options), options.json)
      : await answerReport(opened, key, 'markdown');
  } finally {
    await opened.close();
  }
}

const HELP = `
From history the plan reads the latest report of the experiment: the units of its arms, the standard errors of its
comparisons, its pace of enrolment, its declared minimum effects, margins, alpha and kind of interval.

What it prints
  power now      chance that the effect or margin to show is shown with the units so far
  MDE now        smallest true effect that the units so far show with the wanted power (a guardrail: the smallest margin)
  units needed   units of all arms together for the effect or margin to show
  days           from the start until they have come, at the pace of the last week
  power at end   chance that the effect is found (a guardrail: that the margin is proven) at the planned end
  MDE at end     smallest effect (or margin) that the units by then show
Below it: the power by the end of each day. Alpha is shared by the success comparisons (the first step of Holm), and the
chance to miss by the guardrails, since all of them must hold.

Examples
  npx screentest plan homepage-hybrid --power 90%
  npx screentest plan homepage-hybrid --report report.json --mde 1%
  npx screentest plan --proportion 18.2% --mde 2% --weights 95,5 --units-per-day 1400000
  npx screentest plan --mean 8.4 --sd 9 --mde 2% --interval always-valid --units-per-day 50000 --days 28
  npx screentest plan --mean 120 --sd 60 --margin 3% --lower-is-better --units 40000
`;

/** `screentest plan [KEY]`. */
export function registerPlan(program: Command): void {
  program
    .command('plan')
    .description(
      "power, units, days and detectable effects, from an experiment's own history or from given figures",
    )
    .argument('[key]', 'experiment whose latest report to plan from')
    .option('--json', 'one JSON document, schema screentest/plan/v1')
    .option('--url <url>', 'a running server', 'http://localhost:8080')
    .option('--database-url <url>', 'read from this Postgres instead of a server')
    .option('--environment <name>', 'which environment in the database', 'demo')
    .option('--report <file>', 'read this report (JSON) instead')
    .option('--mde <change>', 'effect to detect: 2% of the control, 0.1pp, or abs:0.5 in its unit')
    .option('--power <share>', 'chance to find it', '80%')
    .option('--days <days>', 'planned end, days from the start')
    .option('--mean <value>', "control's mean, or ratio")
    .option('--sd <value>', 'standard deviation of one unit')
    .option('--treatment-sd <value>', 'of the treatment, if it differs')
    .option('--proportion <share>', "control's share of units, such as 18.2%")
    .option('--ratio', '--mean is a ratio, --sd that of the linearised value (y - R x) / mean(x)')
    .option('--margin <change>', 'plan non-inferiority: the harm to rule out, 1%, 0.1pp or abs:50')
    .option('--true-effect <change>', 'non-inferiority: the true effect assumed, such as -0.2%; default 0')
    .option('--lower-is-better', 'less of it is better: a rise is harm')
    .option('--weights <parts>', 'parts of the arms, the control first; default 50,50')
    .option('--units <n>', 'units of all arms: what do they detect')
    .option('--units-per-day <n>', 'units of all arms that enter a day')
    .option('--alpha <share>', 'two-sided level, figures only; default 5%')
    .option('--comparisons <n>', 'success comparisons that share alpha; default one a treatment')
    .option('--guardrails <n>', 'guardrails that share 1 - power; default 1')
    .option('--interval <kind>', 'fixed, always-valid or group-sequential')
    .option('--looks-every <days>', 'always-valid: how often it is looked at, such as 1d')
    .option('--looks <shares>', 'group-sequential: shares of the end, such as 25%,50%,100%')
    .option('--spending <shape>', 'group-sequential: obrien-fleming or pocock', 'obrien-fleming')
    .addHelpText('after', HELP)
    .action(async (key: string | undefined, options: PlanOptions) => {
      const source = () =>
        options.report !== undefined
          ? fileSource(options.report)
          : options.databaseUrl
            ? databaseSource(options.databaseUrl, options.environment)
            : serverSource(httpAddress(options.url));
      const { stdout, stderr, code } = await answerPlan(source, key, options);
      process.stdout.write(stdout);
      process.stderr.write(stderr);
      process.exitCode = code;
    });
}
