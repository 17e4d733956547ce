import type { DeclarationError } from './errors.ts';
import type { ExperimentDraft } from './experiment-checks.ts';
import { toEpochMs, toMs, toNumber } from './quantities.ts';

/** Mistakes that take two experiments to make: the same key, the same units, the same surface. */
export function findConflicts(drafts: readonly ExperimentDraft[]): DeclarationError[] {
  const errors: DeclarationError[] = [];
  drafts.forEach((second, i) => {
    for (const first of drafts.slice(0, i)) {
      const conflict = sameKey(first, second) ?? sameUnits(first, second) ?? sameSurface(first, second);
      if (conflict !== undefined) errors.push(conflict);
    }
  });
  return errors;
}

function sameKey(first: ExperimentDraft, second: ExperimentDraft): DeclarationError | undefined {
  if (!first.sound('key') || !second.sound('key') || first.value.key !== second.value.key) return undefined;
  return second.file.errorAt(
    ['key'],
    `${second.value.key} is also the key at ${first.file.place(['key'])}`,
    'choose another: keys salt the hash',
    first.file.path,
  );
}

function sameUnits(first: ExperimentDraft, second: ExperimentDraft): DeclarationError | undefined {
  const [a, b] = [claim(first), claim(second)];
  if (a === undefined || b === undefined || a.layer !== b.layer || !atTheSameTime(first, second))
    return undefined;
  if (Math.max(a.from, b.from) >= Math.min(a.to, b.to)) return undefined;
  const place = (draft: ExperimentDraft) =>
    draft.file.place(draft.value.layer.slice === undefined ? ['layer'] : ['layer', 'slice']);
  return second.file.errorAt(
    second.value.layer.slice === undefined ? ['layer'] : ['layer', 'slice'],
    `${second.value.key} claims ${percent(b.from)} to ${percent(b.to)} of layer ${b.layer}, and ${first.value.key} claims ${percent(a.from)} to ${percent(a.to)} of it at ${place(first)}`,
    'give them disjoint slices, or different layers',
    first.file.path,
  );
}

function sameSurface(first: ExperimentDraft, second: ExperimentDraft): DeclarationError | undefined {
  const surface = replacedSurface(first);
  if (surface === undefined || surface !== replacedSurface(second) || !atTheSameTime(first, second))
    return undefined;
  // Disjoint slices of one layer never meet in one request.
  if (claim(first)?.layer === claim(second)?.layer) return undefined;
  return second.file.errorAt(
    ['surface'],
    `${second.value.key} replaces the pipeline of ${surface} from layer ${second.value.layer.name}, and ${first.value.key} does so from layer ${first.value.layer.name} at ${first.file.place(['surface'])}`,
    'put both in one layer, in disjoint slices',
    first.file.path,
  );
}

function claim(draft: ExperimentDraft): { layer: string; from: number; to: number } | undefined {
  if (!draft.sound('layer') || !draft.sound('key')) return undefined;
  const { name, slice } = draft.value.layer;
  return { layer: name, from: toNumber(slice?.from ?? 0), to: toNumber(slice?.to ?? 1) };
}

function replacedSurface(draft: ExperimentDraft): string | undefined {
  if (!draft.sound('surface') || !draft.sound('layer') || !draft.sound('variants')) return undefined;
  const ranks = Object.values(draft.value.variants).some((variant) => variant.pipeline !== undefined);
  return ranks ? draft.value.surface : undefined;
}

/** Units keep their variant until observation ends. Times that cannot be read are taken to overlap. */
function atTheSameTime(first: ExperimentDraft, second: ExperimentDraft): boolean {
  const [a, b] = [span(first), span(second)];
  return a === undefined || b === undefined || (a.from < b.to && b.from < a.to);
}

function span({ value, sound }: ExperimentDraft): { from: number; to: number } | undefined {
  if (!sound('start') || !sound('duration') || !sound('observeFor')) return undefined;
  const from = toEpochMs(value.start);
  if (from === undefined) return undefined;
  return { from, to: from + toMs(value.duration) + toMs(value.observeFor ?? '0d') };
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(12))}%`;
}
