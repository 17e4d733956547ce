import { writeFileSync } from 'node:fs';
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** Draws to an SVG that stands alone: own namespace, white ground, a title that is shown and read out. */
export function render(file, title, { marks, vertical, ...options }) {
  const { document } = parseHTML('<html><body></body></html>');
  const svg = Plot.plot({
    document,
    marginTop: 65,
    style: { background: 'white', color: 'black', fontSize: '11px' },
    ...options,
    marks: [
      ...marks,
      ...[
        { text: title, dy: -56, fontSize: 14, fontWeight: 'bold' },
        { text: vertical ?? '', dy: -36, fontSize: 11, fontWeight: 'normal' },
      ].map(({ text, ...style }) =>
        Plot.text([text], {
          frameAnchor: 'top-left',
          ...(options.facets ? { fx: [options.facets.fx], fy: [options.facets.fy] } : {}),
          dx: options.titleLeft ?? 0,
          textAnchor: 'start',
          ...style,
        }),
      ),
    ],
  });
  const node = svg.tagName.toLowerCase() === 'svg' ? svg : svg.querySelector('svg');
  node.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  node.setAttribute('role', 'img');
  node.setAttribute('aria-label', title);
  writeFileSync(new URL(`../docs/validity/${file}.svg`, import.meta.url), `${node.outerHTML}\n`);
}

const COLUMNS = 4;
/** Place of a small plot among others. */
export const cell = (index) => ({ fx: index % COLUMNS, fy: Math.floor(index / COLUMNS) });

/** Small plots side by side, with one pair of scales. */
export function grid(file, title, names, options, marks) {
  const rows = Math.ceil(names.length / COLUMNS);
  render(file, title, {
    width: 1000,
    height: 120 + 220 * rows,
    marginLeft: 50,
    marginTop: 85,
    marginBottom: 45,
    titleLeft: -40,
    facets: { fx: 0, fy: 0 },
    fx: { axis: null, domain: [0, 1, 2, 3] },
    fy: { axis: null, domain: Array.from({ length: rows }, (_, i) => i) },
    ...options,
    marks: [
      ...marks,
      Plot.text(
        names.map((name, i) => ({ name, ...cell(i) })),
        {
          fx: 'fx',
          fy: 'fy',
          text: 'name',
          frameAnchor: 'top-left',
          dy: -14,
          fontWeight: 'bold',
          textAnchor: 'start',
          lineWidth: 30,
        },
      ),
      Plot.frame({ stroke: '#BBBBBB' }),
    ],
  });
}
