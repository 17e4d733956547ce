import type { PipelineFile } from './pipeline.ts';
import { suggestion } from './suggest.ts';

/** The models that a pipeline's stages name and nobody declares; `path` is relative to the pipeline. */
export function pipelineModelMistakes(
  pipeline: PipelineFile,
  known: readonly string[],
): { readonly path: readonly (string | number)[]; readonly problem: string; readonly mend: string }[] {
  return pipeline.flatMap((entry, i) => {
    const [stage, parameters] = Object.entries(entry)[0]!;
    const { model } = (parameters ?? {}) as { readonly model?: unknown };
    if (typeof model !== 'string') return [];
    // A version is known only when the model is loaded.
    const [name] = model.split('@');
    return known.includes(name!)
      ? []
      : [
          {
            path: [i, stage, 'model'],
            problem: `there is no model ${model}`,
            mend: `${suggestion(name!, known)}; models.yaml declares models of your own`,
          },
        ];
  });
}
