import { expect, it } from 'vitest';
import { createAssigner } from '../../src/assignment/assign.ts';
import type { Layer } from '../../src/declarations.ts';
import vectors from '../cases/assignment.json' with { type: 'json' };
import { experiment } from './experiments.ts';

/** The language-neutral vectors: decisions made by another program (test/cases/assignment.py). */
const assigner = createAssigner({
  layers: Object.entries(vectors.layers).map(([name, layer]): Layer => ({ name, ...layer })),
  experiments: vectors.experiments.map((written) =>
    experiment({
      key: written.key,
      iteration: written.iteration,
      layer: { name: written.layer, from: written.from, to: written.to },
      startMs: vectors.start,
      variants: written.variants.map(([key, weight]) => ({ key: String(key), weight: Number(weight) })),
      ramp: written.ramp.map(([share, forMs]) => ({ share: share!, ...(forMs != null && { forMs }) })),
    }),
  ),
});

it.each(vectors.experiments.map(({ key }) => key))('%s is assigned as the vectors say', (key) => {
  const mine = vectors.assignments.filter((vector) => vector.experiment === key);
  expect(mine.length).toBeGreaterThan(100);
  for (const { unit, at, reason, variant, phase } of mine)
    expect(assigner.assignOne(key, unit, {}, at), unit).toMatchObject({ reason, variant, phase });
});
