import type { StageDeclaration } from '../../../src/declarations.ts';

export interface StageView {
  readonly stage: string;
  readonly parameters: readonly { readonly name: string; readonly value: string }[];
  /** Neither the stage nor its parameters occur like this in the control's pipeline. */
  readonly differs: boolean;
}

export function stageViews(
  pipeline: readonly StageDeclaration[],
  control: readonly StageDeclaration[] | null,
): StageView[] {
  const known = new Set((control ?? pipeline).map((stage) => JSON.stringify(stage)));
  return pipeline.map((stage) => ({
    stage: stage.stage,
    parameters: Object.entries(stage.parameters).map(([name, value]) => ({ name, value: show(value) })),
    differs: !known.has(JSON.stringify(stage)),
  }));
}

function show(value: unknown): string {
  if (Array.isArray(value)) return value.map(show).join(', ');
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([name, inner]) => `${name} ${show(inner)}`)
      .join(' · ');
  return String(value);
}
