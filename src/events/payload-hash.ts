import type { OutcomeRecord } from './records.ts';

/**
 * 64-bit fingerprint of what a client sent under an id, as a signed integer: FNV-1a over the characters of the canonical
 * text. The surface is left out: where the client does not name it, it comes from what we remember of the request, and
 * that may differ when the event is sent again; so is when it was sent. Guards against a client's mistake, not against an adversary.
 */
export function payloadHash(record: OutcomeRecord): bigint {
  const text = canonical(record);
  // 2^40 + 0x1b3 is the 64-bit FNV prime; the product is kept in two 32-bit halves.
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (let i = 0; i < text.length; i++) {
    low = (low ^ text.charCodeAt(i)) >>> 0;
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.imul(low, 0x100) + Math.floor(product / 0x1_0000_0000)) >>> 0;
    low = product >>> 0;
  }
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
}

/** The text of `JSON.stringify([unit, at, requestId or null, [[name, value, title, afterMs], ...]])`. */
function canonical({ unit, at, requestId, items }: OutcomeRecord): string {
  let list = '';
  for (let i = 0; i < items.length; i++) {
    const { name, value, title, afterMs } = items[i]!;
    list += `${i === 0 ? '' : ','}[${JSON.stringify(name)},${value},${title},${afterMs}]`;
  }
  return `[${JSON.stringify(unit)},${at},${requestId === undefined ? 'null' : JSON.stringify(requestId)},[${list}]]`;
}
