import { parseDeclarations } from '../declaration/parse.ts';
import type { SourceFile } from '../declaration/source-file.ts';
import { stageDefinitions } from '../variants/registry.ts';

/** Entry of the process that `parseInChild` starts. */
process.once('message', (files) => {
  process.send?.(parseDeclarations(files as SourceFile[], stageDefinitions));
});
