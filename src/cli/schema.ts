import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { analysisSpecSchema } from '../declaration/analysis-spec.ts';
import { editorSchemas, schemaFile } from '../declaration/json-schema.ts';
import { yamlReference } from '../declaration/reference.ts';
import { calibrationMarkdown } from '../simulation/calibration-card.ts';
import { stageDefinitions } from '../variants/registry.ts';
import { analysisDocumentSchema } from './analysis-schema.ts';
import { planDocumentSchema } from './plan-schema.ts';

/** What is generated from the schemas and the calibration: path under the repository -> text. */
export function generatedFiles(): Readonly<Record<string, string>> {
  return {
    ...editorSchemas(stageDefinitions),
    'schema/analysis-spec.v1.json': schemaFile(analysisSpecSchema),
    'schema/analysis.v1.json': schemaFile(analysisDocumentSchema),
    'schema/plan.v1.json': schemaFile(planDocumentSchema),
    'docs/calibration.md': calibrationMarkdown(),
    'docs/yaml-reference.md': yamlReference(stageDefinitions),
  };
}

export function registerSchema(program: Command): void {
  program
    .command('schema')
    .description('write the JSON Schemas for editors (schema/) and the YAML reference (docs/)')
    .option('--folder <path>', 'where schema/ and docs/ are', '.')
    .option('--check', 'write nothing; fail when a file is not current')
    .action(async ({ folder, check }: { folder: string; check?: boolean }) => {
      for (const [name, text] of Object.entries(generatedFiles())) {
        const path = join(folder, name);
        if ((await readFile(path, 'utf8').catch(() => undefined)) === text) continue;
        if (check) {
          process.stderr.write(`${path} is not current; run: npx screentest schema\n`);
          process.exitCode = 1;
          continue;
        }
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, text);
        process.stdout.write(`${path}\n`);
      }
    });
}
