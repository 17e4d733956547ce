import type { Catalogue } from './catalogue.ts';
import type { ContentModel } from './models.ts';
import { bitCount } from './taste.ts';

/** Whether the content model says anything of a title: the vector of one without words is zero. */
export function hasContent({ dims, vectors }: ContentModel, title: number): boolean {
  const from = title * dims;
  for (let d = from; d < from + dims; d++) if (vectors[d] !== 0) return d < vectors.length;
  return false;
}

/** Cosine of two titles that have content, in [-1, 1]. */
export function contentCosine({ dims, vectors }: ContentModel, one: number, other: number): number {
  const even = dims - (dims % 4);
  let left = one * dims;
  let right = other * dims;
  const end = left + even;
  // Four sums at once keep the processor busy.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (; left < end; left += 4, right += 4) {
    a += vectors[left]! * vectors[right]!;
    b += vectors[left + 1]! * vectors[right + 1]!;
    c += vectors[left + 2]! * vectors[right + 2]!;
    d += vectors[left + 3]! * vectors[right + 3]!;
  }
  for (let f = even; f < dims; f++) a += vectors[left++]! * vectors[right++]!;
  return a + b + c + d;
}

/** Genres in common over genres of either, in [0, 1]; 0 where neither has any. (Jaccard 1912.) */
export function genreJaccard({ genreMask }: Catalogue, one: number, other: number): number {
  const either = bitCount(genreMask[one]! | genreMask[other]!);
  return either === 0 ? 0 : bitCount(genreMask[one]! & genreMask[other]!) / either;
}
