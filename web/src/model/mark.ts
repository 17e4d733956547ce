import type { Comparison, GuardrailState, HealthCard, Verdict } from '../../../src/analysis/report/report.ts';

/** How a result is drawn. Symbol and word carry it; colour and hatching only repeat it. */
export type Tone = 'better' | 'worse' | 'inconclusive';

export interface Mark {
  readonly tone: Tone;
  readonly symbol: string;
  readonly word: string;
}

export const OUTCOME_MARKS: Readonly<Record<Comparison['outcome'], Mark>> = {
  better: { tone: 'better', symbol: '▲', word: 'better' },
  worse: { tone: 'worse', symbol: '▼', word: 'worse' },
  inconclusive: { tone: 'inconclusive', symbol: '◇', word: 'inconclusive' },
};

export const IMMATURE_MARK: Mark = { tone: 'inconclusive', symbol: '◇', word: 'immature' };

export const GUARDRAIL_MARKS: Readonly<Record<GuardrailState, Mark>> = {
  safe: { tone: 'better', symbol: '✓', word: 'safe' },
  'safe-but-worse': { tone: 'inconclusive', symbol: '✓', word: 'safe but worse' },
  unproven: { tone: 'inconclusive', symbol: '◇', word: 'unproven' },
  harm: { tone: 'worse', symbol: '▼', word: 'harm' },
  breach: { tone: 'worse', symbol: '✕', word: 'breach' },
};

export const VERDICT_MARKS: Readonly<Record<Verdict, Mark>> = {
  ship: { tone: 'better', symbol: '▲', word: 'Ship' },
  'do-not-ship': { tone: 'worse', symbol: '▼', word: 'Do not ship' },
  'roll-back': { tone: 'worse', symbol: '▼', word: 'Roll back' },
  'keep-running': { tone: 'inconclusive', symbol: '◇', word: 'Keep running' },
  undecided: { tone: 'inconclusive', symbol: '◇', word: 'Undecided' },
  invalid: { tone: 'worse', symbol: '✕', word: 'Invalid' },
};

export const HEALTH_MARKS: Readonly<Record<HealthCard['status'], Mark>> = {
  pass: { tone: 'better', symbol: '✓', word: 'pass' },
  warn: { tone: 'inconclusive', symbol: '!', word: 'warning' },
  fail: { tone: 'worse', symbol: '✕', word: 'fail' },
  unknown: { tone: 'inconclusive', symbol: '?', word: 'unknown' },
};

export const STATE_WORDS = {
  'not-started': 'not started',
  collecting: 'collecting',
  immature: 'immature',
  ready: 'ready',
  invalid: 'invalid',
} as const;
