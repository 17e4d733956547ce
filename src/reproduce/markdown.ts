import type { ReproductionDocument } from './document.ts';
import type { TableView } from './table-view.ts';
import { count, introduction, tableViews } from './table-views.ts';

/** The document for people: a terminal, or a file. */
export function reproductionMarkdown(document: ReproductionDocument): string {
  return [
    `# The published test on ${count(document.test.users)} viewers`,
    '',
    ...introduction(document),
    '',
    ...tableViews(document).flatMap(tableMarkdown),
  ].join('\n');
}

/** Columns are padded, so that a table reads as well on a terminal. */
function tableMarkdown({ title, head, rows, notes }: TableView): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [`## ${title}`, '', line(head), rule, ...rows.map(line), '', ...notes, ''];
}
