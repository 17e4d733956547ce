/** One mistake in a declaration: where it is, what is wrong, and what would be right. */
export interface DeclarationError {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** Keys from the root of the file, joined by dots; '' for the file as a whole. */
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

/** The line of the file an error points at with a caret under its column; '' when there is no such line. */
export function quoteDeclarationError(error: DeclarationError, text: string): string {
  const line = text.split(/\r?\n/)[error.line - 1];
  if (line === undefined || line.trim() === '') return '';
  const indent = line.slice(0, error.column - 1).replace(/[^\t]/g, ' ');
  return `  ${line}\n  ${indent}^`;
}
