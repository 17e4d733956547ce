import { Lexer } from 'yaml';
import type { DeclarationError } from './errors.ts';
import type { SourceFile } from './source-file.ts';

/** Bytes of one declaration file; the largest that people write have a tenth of it. */
export const MAX_BYTES = 256 * 1024;

/** Levels of nesting; the deepest that the schemas allow have about ten. */
export const MAX_DEPTH = 40;

const MAX_INDENT = 120;

/**
 * The error of a file that must not reach the parser: too large, or nested so deeply that parsing it (a recursion)
 * could end the process. The lexer is not recursive, and its tokens tell real brackets from those in text.
 */
export function refuseHostileYaml({ path, text }: SourceFile): DeclarationError | undefined {
  const refuse = (offset: number, problem: string, mend: string): DeclarationError => {
    const before = text.slice(0, offset);
    const lineStart = before.lastIndexOf('\n') + 1;
    return {
      file: path,
      line: before.split('\n').length,
      column: offset - lineStart + 1,
      path: '',
      problem,
      mend,
    };
  };
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > MAX_BYTES) {
    return refuse(0, `has ${bytes} bytes`, `keep a declaration file under ${MAX_BYTES} bytes`);
  }

  let offset = 0;
  let flow = 0;
  let indicators = 0;
  for (const token of new Lexer().lex(text)) {
    if (CONTROL_TOKENS.has(token)) continue;
    if (token.startsWith('\n') || token.startsWith('\r')) indicators = 0;
    else if (token === '[' || token === '{') flow++;
    else if (token === ']' || token === '}') flow = Math.max(0, flow - 1);
    else if (flow === 0 && (token === '-' || token === '?' || token === ':')) indicators++;
    const indent = flow === 0 && token.trim() === '' && !token.includes('\n') ? token.length : 0;
    if (flow > MAX_DEPTH || indicators > MAX_DEPTH || (indent > MAX_INDENT && isLineStart(text, offset))) {
      return refuse(offset, 'is nested too deeply', `nest at most ${MAX_DEPTH} levels`);
    }
    offset += token.length;
  }
  return undefined;
}

/** Byte order mark, document, flow-end and scalar: markers of the lexer that stand for no text. */
const CONTROL_TOKENS = new Set(['\u0002', '\u0018', '\u001f']);

function isLineStart(text: string, offset: number): boolean {
  return offset === 0 || text[offset - 1] === '\n';
}
