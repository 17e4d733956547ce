import type { ExposureRecord, OutcomeRecord, RequestRecord } from './records.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const INT32 = 2 ** 31;
const DAY_MS = 86_400_000;

/**
 * Whether the log can keep this record as it is.
 *
 * @throws RangeError that names the field, what it holds and what it should hold
 */
export function checkOutcome(record: OutcomeRecord): void {
  checkUuid('id', record.id);
  if (record.requestId !== undefined) checkUuid('requestId', record.requestId);
  checkText('unit', record.unit);
  checkTime(record.at);
  for (const [i, item] of record.items.entries()) {
    checkText(`items[${i}].name`, item.name);
    if (!Number.isSafeInteger(item.value)) fail(`items[${i}].value`, item.value, 'an integer up to 2^53');
    checkInt32(`items[${i}].title`, item.title);
    if (!Number.isInteger(item.afterMs) || item.afterMs < 0 || item.afterMs > DAY_MS) {
      fail(
        `items[${i}].afterMs`,
        item.afterMs,
        `whole milliseconds from 0 to ${DAY_MS}: one record covers at most a day`,
      );
    }
  }
}

/** As `checkOutcome`, for a request. */
export function checkRequest(
  record: Pick<RequestRecord, 'id' | 'unit' | 'at' | 'totalMicros' | 'simpsonMicro'>,
): void {
  checkUuid('id', record.id);
  checkText('unit', record.unit);
  checkTime(record.at);
  checkInt32('totalMicros', record.totalMicros);
  checkInt32('simpsonMicro', record.simpsonMicro);
}

/** As `checkOutcome`, for an exposure. */
export function checkExposure(record: ExposureRecord): void {
  if (record.requestId !== undefined) checkUuid('requestId', record.requestId);
  checkText('unit', record.unit);
  checkTime(record.at);
}

function checkUuid(field: string, value: string): void {
  if (!UUID.test(value)) fail(field, value, 'a UUID');
}

function checkText(field: string, value: string): void {
  if (value === '' || value.includes('\0')) fail(field, value, 'text that is not empty and has no NUL');
}

function checkTime(at: number): void {
  // Year 0 to 9999: what a partition can be named after.
  if (!Number.isInteger(at) || at < -62_167_219_200_000 || at > 253_402_300_799_999) {
    fail('at', at, 'whole milliseconds since 1970');
  }
}

function checkInt32(field: string, value: number): void {
  if (!Number.isInteger(value) || value < -INT32 || value >= INT32) fail(field, value, 'a 32-bit integer');
}

function fail(field: string, value: unknown, wanted: string): never {
  throw new RangeError(`${field} is ${JSON.stringify(value)?.slice(0, 80)}; it should be ${wanted}`);
}
