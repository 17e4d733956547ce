import { share, toNumber } from './quantities.ts';

/**
 * Stages declare their shares as plain numbers from 0 to 1. Engineers may write them as percent, too: the schema is
 * widened here, and what was written is turned into the number before the stage sees it.
 */
export function acceptPercent<Schema>(schema: Schema): Schema {
  if (Array.isArray(schema)) return schema.map(acceptPercent) as Schema;
  if (typeof schema !== 'object' || schema === null) return schema;
  const node = schema as Record<string, unknown>;
  if (node.type === 'number' && node.minimum === 0 && node.maximum === 1) {
    const { description = '', default: standard } = node;
    return {
      ...share(String(description)),
      ...(standard !== undefined && { default: standard }),
    } as Schema;
  }
  return Object.fromEntries(Object.entries(node).map(([key, part]) => [key, acceptPercent(part)])) as Schema;
}

/** Replaces every `20%` in valid parameters by 0.2. */
export function percentToNumber(value: unknown): unknown {
  if (typeof value === 'string') return /^\d+(\.\d+)?%$/.test(value) ? toNumber(value) : value;
  if (Array.isArray(value)) return value.map(percentToNumber);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, percentToNumber(part)]));
}
