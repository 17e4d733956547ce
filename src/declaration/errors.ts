/** One mistake in a declaration: where it is, what is wrong, and what would be right. */
export interface DeclarationError {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** From the root of the file, such as `metrics.success[0].metric`; '' for the file as a whole. */
  readonly path: string;
  readonly problem: string;
  readonly mend: string;
  /** Another file that takes part in the mistake. */
  readonly related?: string;
}

/** `file:line:column path: what is wrong; what would be right`. */
export function formatDeclarationError(error: DeclarationError): string {
  const path = error.path === '' ? '' : ` ${error.path}`;
  return `${error.file}:${error.line}:${error.column}${path}: ${error.problem}; ${error.mend}`;
}

const QUOTED = 120;

/**
 * The line of the file an error points at with a caret under its column, cut to what is near it; '' when there is
 * nothing to see.
 */
export function quoteDeclarationError({ line: row, column }: DeclarationError, text: string): string {
  const line = text.split(/\r?\n/, row)[row - 1];
  if (line === undefined || line.trim() === '') return '';
  const from = line.length <= QUOTED ? 0 : Math.max(0, column - QUOTED / 2);
  const shown = line.slice(from, from + QUOTED).replaceAll('\t', ' ');
  return `  ${shown}\n  ${' '.repeat(column - 1 - from)}^`;
}
