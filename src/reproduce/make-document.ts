import { cpus } from 'node:os';
import type { Report } from '../analysis/report/report.ts';
import type { ChunkFigures } from './chunk-figures.ts';
import { contentHash } from './content-hash.ts';
import type { ReproductionDocument, TestFigures } from './document.ts';
import type { Plan } from './plan.ts';

/** @param truthUsers  viewers who lived through both arms */
export function documentOf(
  plan: Plan,
  phases: ReproductionDocument['phases'],
  measured: Pick<
    ReproductionDocument,
    'test' | 'http' | 'published' | 'claims' | 'coverage' | 'faults' | 'sensitivity' | 'segments'
  >,
  report: Report,
  truthUsers: number,
  variant: string,
): ReproductionDocument {
  return {
    schema: 'screentest/reproduction/v1',
    environment: plan.environment,
    plan,
    machine: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.versions.node}`,
    experiment: report.experiment.key,
    variant,
    phases,
    memory: process.resourceUsage().maxRSS * 1024,
    truthUsers,
    ...measured,
    verdict: report.verdict,
    health: report.health,
    hash: contentHash({ plan, ...measured }),
  };
}

/** Of all chunks, in their order. */
export function totalOf(chunks: ReadonlyMap<number, ChunkFigures>): TestFigures {
  const all = [...chunks].sort(([a], [b]) => a - b).map(([, figures]) => figures);
  const sum = (of: (figures: ChunkFigures) => number) =>
    all.reduce((total, figures) => total + of(figures), 0);
  const time = (what: keyof ChunkFigures['times']) => Math.round(sum(({ times }) => times[what]));
  return {
    users: sum(({ viewers }) => viewers),
    sessions: sum(({ sessions }) => sessions),
    requests: sum(({ requests }) => requests),
    observed: sum(({ observed }) => observed),
    rows: sum(({ rows }) => rows),
    bytes: sum(({ bytes }) => bytes),
    digest: all.map(({ digest }) => digest).join('.'),
    times: {
      prepare: time('prepare'),
      rank: time('rank'),
      encode: time('encode'),
      copy: time('copy'),
      simulate: time('simulate'),
      observe: time('observe'),
    },
  };
}
