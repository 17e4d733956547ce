import type { StageDeclaration } from '../../declarations.ts';

/** What a report is about: the experiment as it was declared. */
export interface ReportSubject {
  readonly key: string;
  readonly owner: string;
  readonly hypothesis: string;
  readonly design: 'ab' | 'interleaving';
  readonly iteration: number;
  readonly control: string;
  readonly surface: string | null;
  readonly variants: readonly {
    readonly key: string;
    readonly weight: number;
    readonly pipeline: readonly StageDeclaration[] | null;
  }[];
  readonly alpha: number;
  /** When the declaration calls estimates mature; earlier days of the lift are drawn dashed. */
  readonly maturity?: { readonly days: number; readonly unitsPerArm: number };
  readonly yaml: string;
}
