import type { Mark } from './model/mark.ts';

/** A result in symbol, colour and word. */
export function MarkWord({ mark }: { readonly mark: Mark }) {
  return (
    <span class={`mark ${mark.tone}`}>
      <span class="symbol" aria-hidden="true">
        {mark.symbol}
      </span>{' '}
      {mark.word}
    </span>
  );
}
