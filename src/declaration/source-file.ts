/** A declaration file as text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}
