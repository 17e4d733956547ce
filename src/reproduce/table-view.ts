/** A table as people read it: what the terminal, Markdown and the page have in common. */
export interface TableView {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Sentences under it. */
  readonly notes: readonly string[];
}
