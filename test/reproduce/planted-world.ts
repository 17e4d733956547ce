import type { Experiment } from '../../src/declarations.ts';
import type { OutcomeItem } from '../../src/events/records.ts';
import type { Catalogue } from '../../src/ranking/catalogue.ts';
import type { KeptUnits } from '../../src/reproduce/kept-units.ts';
import type { Plan } from '../../src/reproduce/plan.ts';
import { planOf } from '../../src/reproduce/plan.ts';
import type { BaseStream, PlantedSubject } from '../../src/reproduce/planted/base-stream.ts';
import type { Records } from '../../src/simulation/planted/plant.ts';
import { withServedLatency } from '../../src/simulation/planted/served-latency.ts';
import { uniform } from '../../src/simulation/random.ts';
import { createUnitDays } from '../../src/simulation/unit-days.ts';
import { uuid7 } from '../../src/simulation/uuid7.ts';

const DAY = 86_400_000;
const TITLES = 40;
const GENRES = ['drama', 'comedy', 'crime', 'family', 'news'];
const SLOTS = 20;
const SEED = 5;

/** Forty titles, each of one genre of five. */
export const CATALOGUE: Catalogue = {
  version: 'test',
  size: TITLES,
  ids: Array.from({ length: TITLES }, (_, t) => `t${t}`),
  rowOf: new Map(Array.from({ length: TITLES }, (_, t) => [`t${t}`, t])),
  names: Array.from({ length: TITLES }, (_, t) => `Title ${t}`),
  genres: GENRES,
  genreMask: Uint32Array.from({ length: TITLES }, (_, t) => 1 << (t % GENRES.length)),
  primaryGenre: Uint8Array.from({ length: TITLES }, (_, t) => t % GENRES.length),
  year: new Int16Array(TITLES),
  addedAt: new Float64Array(TITLES),
  minutes: new Float32Array(TITLES).fill(60),
  episodes: new Uint16Array(TITLES).fill(1),
  text: new Array<string>(TITLES).fill(''),
  longTail: new Uint8Array(TITLES),
};

export const planFor = (experiment: Experiment, users: number): Plan =>
  planOf(experiment, { seed: SEED, users, titles: TITLES, clickModel: 'pbm', configuration: 'c' });

/** Some viewers, every second one of them a power viewer, who come on the days of a test and see the same list in either arm. */
export function inventedStream(experiment: Experiment, viewers: number): BaseStream {
  const draw = (row: number, session: number, turn: number) => uniform(SEED, row, session, turn);
  const subjects = new Map<string, PlantedSubject>();
  const byDay = Array.from({ length: 28 }, (): { -readonly [K in keyof Records]: Records[K][number][] } => ({
    requests: [],
    exposures: [],
    outcomes: [],
  }));
  for (let row = 0; row < viewers; row++) {
    const unit = `viewer-${row}`;
    const isPower = row % 2 === 0;
    const variant = draw(row, 0, 1) < 0.5 ? experiment.control : 'hybrid';
    for (
      let session = 0, day = Math.floor(5 * draw(row, 0, 2));
      day < 28;
      session++, day += isPower ? 2 : 5
    ) {
      const at = experiment.startMs + day * DAY + Math.floor(0.8 * DAY * draw(row, session, 3));
      const id = uuid7(SEED, at, row, session, 0);
      const titles = Int32Array.from({ length: SLOTS }, (_, slot) => (slot + row + session) % TITLES);
      const own = byDay[day]!;
      own.requests.push({
        environment: '',
        id,
        unit,
        at,
        surface: 'homepage',
        device: 'tv',
        country: 'US',
        configuration: 'c',
        models: 'm',
        pipeline: `${experiment.key}/${variant}`,
        error: false,
        fallback: 'none',
        totalMicros: 1,
        stages: [],
        skipped: [],
        relaxed: 0,
        slate: {
          titles,
          scores: new Float32Array(SLOTS),
          sources: new Uint8Array(SLOTS),
          propensities: new Float32Array(SLOTS).fill(1),
          because: new Int32Array(SLOTS).fill(-1),
        },
        simpsonMicro: 790_000 + Math.floor(10_000 * draw(row, session, 4)),
        longTail: 0,
      });
      const item = (name: string, value: number, title: number, afterMs: number): OutcomeItem => ({
        name,
        value,
        title,
        afterMs,
      });
      const clicked = [0, 1, 2, 3, 4].filter((slot) => draw(row, session, 10 + slot) < 0.3);
      const items = [
        item('session_start', 1, -1, 0),
        item('impressions', 5, -1, 0),
        ...clicked.flatMap((slot) => [
          item('click', 1, titles[slot]!, 1_000 * slot),
          item(
            'watch',
            600 + Math.floor(1_200 * draw(row, session, 20 + slot)),
            titles[slot]!,
            2_000 * slot + 100,
          ),
        ]),
        ...(clicked.length === 0 ? [item('bounce', 1, -1, 100)] : []),
      ];
      if (!subjects.has(unit)) {
        const activity = isPower ? 'power' : 'casual';
        subjects.set(unit, { row, firstAt: at, activity, variant });
        own.exposures.push({
          environment: '',
          experiment: experiment.key,
          iteration: experiment.iteration,
          unit,
          variant,
          at,
          requestId: id,
          forced: false,
          phase: 0,
          attributes: { activity, country: 'US', device: 'tv', age_group: '25-34', watches_before: '3' },
          configuration: 'c',
        });
      }
      const subject = subjects.get(unit)!;
      const first = clicked[0];
      if (first !== undefined) subject.firstWatched ??= titles[first]!;
      own.outcomes.push({
        environment: '',
        id: uuid7(SEED, at, row, session, 4),
        unit,
        at,
        requestId: id,
        surface: 'homepage',
        items,
      });
    }
  }
  return {
    batches: byDay.map((day) => withServedLatency(day, SEED, (unit) => subjects.get(unit)!.row)),
    subjects,
  };
}

/** Units that were in both arms: those who came early watch ten times as much, and the treatment adds a tenth for everyone. */
export function keptInBothArms(plan: Plan, units: number): KeptUnits {
  const [control, treatment] = [createUnitDays(units, plan.days), createUnitDays(units, plan.days)];
  for (let unit = 0; unit < units; unit++) {
    const isEarly = unit % 2 === 0;
    const seconds = (isEarly ? 20_000 : 2_000) * (0.5 + uniform(SEED, unit, 0, 7));
    const at = plan.startMs + (isEarly ? 1 : 12) * DAY;
    control.firstAt[unit] = at;
    treatment.firstAt[unit] = at;
    control.watch[unit * plan.days] = seconds;
    treatment.watch[unit * plan.days] = 1.1 * seconds;
  }
  return {
    control,
    treatment,
    watchesBefore: new Float64Array(units),
    stratum: new Array<string>(units).fill('US tv'),
  };
}
