import { skippable } from './skippable.ts';
import type { StageDefinition } from './stage.ts';
import { blend } from './stages/blend.ts';
import { boost } from './stages/boost.ts';
import { candidates } from './stages/candidates.ts';
import { fill } from './stages/fill.ts';
import { score } from './stages/score.ts';

/** Every stage that YAML may name, in the order they usually run. */
export const stageDefinitions: readonly StageDefinition[] = [candidates, blend, score, boost, fill].map(
  skippable,
);
