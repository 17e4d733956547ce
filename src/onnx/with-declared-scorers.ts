import type { ScorerDeclaration } from '../declarations.ts';
import { sha256 } from '../files/file-set.ts';
import type { Models } from '../ranking/models.ts';
import { loadDeclaredScorer } from './declared-scorer.ts';

/** The models with the declared scorers loaded beside those that were trained here. Their version names all of them. */
export async function withDeclaredScorers(
  models: Models,
  declarations: readonly ScorerDeclaration[] = [],
): Promise<Models> {
  if (declarations.length === 0) return models;
  const loaded = await Promise.all(
    declarations.map(
      async (declaration) => [declaration.name, await loadDeclaredScorer(declaration, models)] as const,
    ),
  );
  const version = sha256(Buffer.from([models.version, ...loaded.map(([, { name }]) => name)].join('\n')));
  return {
    ...models,
    version: version.slice(0, 12),
    scorers: new Map([...models.scorers, ...loaded]),
  };
}
