import { CALIBRATED, CALIBRATION } from './calibrated.ts';
import { FITTED, readParameter, TARGETS } from './calibration-plan.ts';

/** Where a number of the world comes from. */
export interface CardLine {
  /** As in `WorldParameters`, or a name where it is a constant of the code. */
  readonly parameter: string;
  readonly value: string;
  readonly meaning: string;
  readonly origin: 'fitted' | 'borrowed' | 'invented';
  /** To which figure it was fitted, from which source it was borrowed, or why it is as it is. */
  readonly from: string;
}

/** What the parameters mean that were not fitted, and why they are as they are. */
const GIVEN: readonly (readonly [path: string, meaning: string, from: string])[] = [
  ['attraction.least', 'P(click) of what does not attract at all', 'nobody clicks on nothing'],
  ['attraction.most', 'P(click) of what attracts fully', 'even what fits is not wanted on most evenings'],
  [
    'attraction.affinity',
    'weight of taste in what is clicked',
    'by hand: titles are clicked for their fame more than for their fit',
  ],
  ['satisfaction.least', 'least share of plays watched to the end', 'by hand'],
  ['satisfaction.most', 'greatest share of plays watched to the end', 'by hand'],
  ['satisfaction.offset', 'level of pleasure', 'by hand: about half of the plays are watched to the end'],
  [
    'satisfaction.affinity',
    'weight of taste in what pleases',
    'by hand, with the table in view: what one watches to the end is a matter of taste',
  ],
  ['satisfaction.quality', 'weight of quality in what pleases', 'by hand, with the table in view'],
  [
    'activity.deviations.0',
    'spread of the activity of occasional viewers',
    'by hand: 7-day and 30-day retention fit together',
  ],
  ['activity.deviations.1', 'spread of the activity of regular viewers', 'by hand'],
  ['activity.maximum', 'most sessions a week', 'by hand'],
  ['behaviour.browseShare', 'share of sessions that open the browse page', 'by hand'],
  ['behaviour.playLeast', 'P(play | click) of what would not please', 'by hand, with the table in view'],
  ['behaviour.resume', 'share of wishes that are the series in progress', 'by hand, with the table in view'],
  ['behaviour.seenAttraction', 'what is left of the attraction of a film once seen', 'by hand'],
  [
    'behaviour.joyHours',
    'hours of pleasure that make a session 63 % worth while',
    'by hand, with the table in view',
  ],
  [
    'behaviour.moodWeight',
    'share of the latest session in the mood',
    'by hand: a mood is some ten sessions long',
  ],
  [
    'behaviour.moodReference',
    'mood of an ordinary rate',
    'set to the mood that the control leaves viewers in',
  ],
  [
    'behaviour.moodRate',
    'log change of the session rate per unit of mood',
    'by hand, with the table in view',
  ],
  [
    'behaviour.hookPower',
    'how steeply a session must please to leave something to come back for',
    'by hand, with the table in view',
  ],
  [
    'behaviour.hookHours',
    'mean hours beyond the first day until one comes back for it',
    'by hand: within the week',
  ],
  ['behaviour.cancel', 'chance per session to cancel in mood 0', 'by hand'],
  ['behaviour.crash', 'crashes per session', 'by hand'],
  ['behaviour.supportTicket', 'support tickets per session', 'by hand'],
  ['behaviour.rental', 'share of plays that are rentals', 'by hand'],
  ['behaviour.rentalPrice', 'price of a rental, minor units', 'by hand'],
  ['behaviour.bufferingMs', 'mean milliseconds of buffering a play', 'by hand'],
];

const MEANING_OF_FITTED: Readonly<Record<string, string>> = {
  'attraction.offset': 'level of attraction',
  'attraction.quality': 'weight of quality in what is clicked',
  'activity.occasional': 'share of viewers who come once in a while',
  'activity.medians.0': 'median sessions a week of the occasional',
  'activity.medians.1': 'median sessions a week of the regular',
  'behaviour.budgetMinutes': 'median minutes that a session may last',
  'behaviour.nextEpisode': 'P(next episode) of a series that pleases fully',
  'behaviour.intent': 'share of sessions that came for something',
  'behaviour.satiation': 'attraction lost to a genre one has had enough of',
  'behaviour.hook': 'chance that a fully pleasing session leaves something to come back for',
};

/** What is written into the code of the world. */
const CONSTANTS: readonly CardLine[] = [
  {
    parameter: 'examination by position',
    value: '.68 .61 .48 .34 .28 .20 .11 .10 .08 .06',
    meaning: 'P(a slot is examined) of the position-based click model',
    origin: 'borrowed',
    from: 'the published curve; it goes on falling by .82 a slot, the slope of its tail',
  },
  {
    parameter: 'perseverance',
    value: '0.9',
    meaning: 'P(the next slot is examined) of the dynamic Bayesian model',
    origin: 'borrowed',
    from: 'Chapelle and Zhang 2009',
  },
  {
    parameter: 'response, leave and return',
    value: '',
    meaning: 'what a session is made of, and that a viewer returns the sooner the better it was',
    origin: 'borrowed',
    from: "the modules of KuaiSim's design (Zhao et al. 2023); the laws inside them are ours",
  },
  {
    parameter: 'popularity',
    value: 'exp(-rank / 6,000) / (rank + 50)',
    meaning: 'share of unprompted choices by rank',
    origin: 'borrowed',
    from: 'the published long tail: 30 % of the catalogue has under 1 % of views',
  },
  {
    parameter: 'tastes, genres, themes, countries, devices, ages, rhythm of day and week',
    value: '',
    meaning: 'who viewers are, what titles are like, when sessions begin',
    origin: 'invented',
    from: 'plausible shares; no figure of the table was fitted by them',
  },
];

/** Every number of the world with its origin: fitted, borrowed or invented. */
export function calibrationCard(): CardLine[] {
  const value = (path: string) => String(Number(readParameter(CALIBRATED, path).toPrecision(4)));
  return [
    ...FITTED.map(
      ({ path, to, metric }): CardLine => ({
        parameter: path,
        value: value(path),
        meaning: MEANING_OF_FITTED[path]!,
        origin: 'fitted',
        from: `${metric}, ${to === 'control' ? 'control' : 'change by the treatment'}`,
      }),
    ),
    ...GIVEN.map(
      ([path, meaning, from]): CardLine => ({
        parameter: path,
        value: value(path),
        meaning,
        origin: 'invented',
        from,
      }),
    ),
    ...CONSTANTS,
  ];
}

/** The card and what the fitted world shows beside the published test, as Markdown. */
export function calibrationMarkdown(): string {
  const { seed, titles, trainedOn, viewers, lived, moments } = CALIBRATION;
  const shown = (value: number, arm: string, points: boolean) =>
    arm === 'control'
      ? String(Number(value.toPrecision(4)))
      : `${value < 0 ? '-' : '+'}${Math.abs(100 * value).toFixed(2)} ${points ? 'pp' : '%'}`;
  const count = (n: number) => n.toLocaleString('en');
  return `${[
    '<!-- Generated by `npx screentest schema` from src/simulation; do not edit. -->',
    '',
    '# Calibration card',
    '',
    'Where every number of the simulated world comes from. `npx screentest calibrate` measures and fits it by simulated moments: viewers',
    'are lived through both arms of the published test with the pipelines that serve and the same random numbers at every point, and a',
    'damped Gauss-Newton search turns the parameters marked fitted. The committed values are a first fit: they were turned by hand from',
    'one measurement to the next, the search itself was not run to its end, and the last points share models that were trained at one of',
    'them. The control column is fitted by the parameters that name the control, the treatment by four couplings; some invented numbers',
    'were also chosen with the table in view, and say so.',
    '',
    '## What the fitted world shows',
    '',
    `Seed ${seed}, ${count(titles)} titles, models trained in the past of ${count(trainedOn)} viewers in which everyone saw the control and frozen then;`,
    `of ${count(viewers)} other viewers a stratified sample of ${count(lived)} lived through both arms. Retention is read when every window is complete, the rest`,
    'at day 28. A figure of the control is within its goal at 2 % of the published one, a change at 10 % of the published change.',
    '',
    '| column | metric | published | world | within its goal |',
    '|---|---|---|---|---|',
    ...TARGETS.map(({ arm, metric, value, points, tolerance }, i) => {
      const found = moments[i]!;
      const within = Math.abs(found - value) <= tolerance ? 'yes' : 'no';
      const column = arm === 'control' ? 'control' : 'change';
      return `| ${column} | ${metric} | ${shown(value, arm, points)} | ${shown(found, arm, points)} | ${within} |`;
    }),
    '',
    '## Parameters',
    '',
    '| parameter | value | what it is | origin | from |',
    '|---|---|---|---|---|',
    ...calibrationCard().map(
      (line) => `| ${line.parameter} | ${line.value} | ${line.meaning} | ${line.origin} | ${line.from} |`,
    ),
    '',
    'The points that were measured on the way are in [calibration-trace.json](calibration-trace.json).',
  ].join('\n')}\n`;
}

/** Paths of the card that are parameters of the world. */
export const cardPaths = (): string[] => [...FITTED.map(({ path }) => path), ...GIVEN.map(([path]) => path)];
