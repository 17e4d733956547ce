import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { generatedFiles } from '../../src/cli/schema.ts';
import { readSources } from '../../src/files/declarations.ts';

const root = join(import.meta.dirname, '..', '..');
const generated = generatedFiles();

describe('files generated from the schemas', () => {
  it.each(Object.keys(generated))('%s is current (else run: npx screentest schema)', (name) => {
    expect(readFileSync(join(root, name), 'utf8')).toBe(generated[name]);
  });

  it('the JSON Schemas accept the shipped files and refuse a misspelt key', async () => {
    for (const { path, text } of await readSources(join(root, 'experiments'))) {
      const name = /(metrics|layers|surfaces)\.yaml$/.exec(path)?.[1] ?? 'experiment';
      const schema = JSON.parse(generated[`schema/${name}.v1.json`]!);
      const validate = new Ajv({
        strict: true,
        allowUnionTypes: true,
        strictRequired: false,
        strictTypes: false,
      }).compile(schema);
      expect(validate(parse(text)), `${path}: ${JSON.stringify(validate.errors)}`).toBe(true);
      expect(validate({ ...parse(text), ownr: 'x' })).toBe(false);
    }
  });
});
