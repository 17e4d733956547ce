import { formatDeclarationError } from '../../src/declaration/errors.ts';
import { parseDeclarations } from '../../src/declaration/parse.ts';
import type { SourceFile } from '../../src/declaration/source-file.ts';
import type { Declarations } from '../../src/declarations.ts';
import { stageDefinitions } from '../../src/variants/registry.ts';

/** A small valid set of declarations, as text that tests change line by line. */
export const FILES: Readonly<Record<string, string>> = {
  'ranker.yaml': `apiVersion: screentest/v1
key: ranker
owner: team
hypothesis: The hybrid raises clicks.
layer: {name: main, slice: {from: 0%, to: 50%}}
surface: homepage
start: 2026-10-01
duration: 28d
observeFor: 30d
control: popular
variants:
  popular:
    weight: 50
    pipeline:
      - candidates: {sources: [{trending: 200}]}
      - fill: {take: 20}
  hybrid:
    weight: 50
    pipeline:
      - candidates: {sources: [{ials: 150}, {content: 60}]}
      - blend: {collaborative: by-activity}
      - fill: {take: 20, explore: 20%, genreCap: 5}
metrics:
  success:
    - {metric: clicks, minimumEffect: 2%}
  guardrails:
    - {metric: errors, margin: {absolute: 0.1pp}, limit: 0.1%}
  secondary: [retention]
`,
  'metrics.yaml': `apiVersion: screentest/v1
metrics:
  clicks:
    name: Clicks
    description: Clicks per viewer and week.
    kind: mean
    perWeek: true
    numerator: {event: click, aggregate: count}
    unit: /week
    direction: higher-is-better
  errors:
    name: Errors
    description: Share of failed requests.
    kind: ratio
    numerator: {event: request, aggregate: sum, field: error}
    denominator: {event: request, aggregate: count}
    unit: '%'
    direction: lower-is-better
  retention:
    name: Retention
    description: Share of viewers who return.
    kind: proportion
    numerator: {event: session_start, aggregate: exists, window: {from: 24h, to: 7d}}
    unit: '%'
    direction: higher-is-better
`,
  'layers.yaml': `apiVersion: screentest/v1
layers:
  main: {salt: layer-main, holdout: {name: global, share: 5%}}
  side: {salt: layer-side}
`,
  'surfaces.yaml': `apiVersion: screentest/v1
surfaces:
  homepage:
    slots: 20
    pipeline:
      - candidates: {sources: [{trending: 200}]}
      - fill: {take: 20}
`,
};

/** One change: in which file, what text, and what stands there instead. */
export type Edit = readonly [file: string, from: string, to: string];

export function sources(
  edits: readonly Edit[] = [],
  more: Readonly<Record<string, string>> = {},
): SourceFile[] {
  const files: Record<string, string> = { ...FILES, ...more };
  for (const [file, from, to] of edits) {
    const text = files[file];
    if (text === undefined || !text.includes(from)) throw new Error(`${file} has no ${from}`);
    files[file] = text.replace(from, to);
  }
  return Object.entries(files).map(([path, text]) => ({ path: `experiments/${path}`, text }));
}

/** The errors of the edited set, as they are printed, without the folder. */
export function errorsOf(edits: readonly Edit[], more: Readonly<Record<string, string>> = {}): string[] {
  const result = parseDeclarations(sources(edits, more), stageDefinitions);
  return result.ok
    ? []
    : result.errors.map((error) => formatDeclarationError(error).replaceAll('experiments/', ''));
}

/** The declarations of the edited set, which must be valid. */
export function declarationsOf(
  edits: readonly Edit[] = [],
  more: Readonly<Record<string, string>> = {},
): Declarations {
  const result = parseDeclarations(sources(edits, more), stageDefinitions);
  if (!result.ok) throw new Error(result.errors.map(formatDeclarationError).join('\n'));
  return result.declarations;
}
