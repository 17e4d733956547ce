import { ApiError } from './errors.ts';

/** Bytes of a user id in UTF-8. */
export const USER_ID_BYTES = 256;

/** What is wrong with a user id; undefined when nothing is. */
export function userIdFault(id: string): string | undefined {
  if (id === '') return 'is empty';
  if (id.length > USER_ID_BYTES || (id.length * 3 > USER_ID_BYTES && Buffer.byteLength(id) > USER_ID_BYTES)) {
    return `is longer than ${USER_ID_BYTES} bytes`;
  }
  for (let i = 0; i < id.length; i++) {
    const unit = id.charCodeAt(i);
    if (unit === 0) return 'has a NUL character';
    // Only JSON escapes can bring half a surrogate pair here.
    if (unit >= 0xd800 && unit <= 0xdfff && /\p{Surrogate}/u.test(id)) return 'is not Unicode text';
  }
  return undefined;
}

/** @throws ApiError 400 */
export function checkUserId(id: string): void {
  const fault = userIdFault(id);
  if (fault === undefined) return;
  throw new ApiError(400, 'invalid-user', `the user id ${fault}`, {
    place: 'params.userId',
    mend: `use 1 to ${USER_ID_BYTES} bytes of UTF-8`,
  });
}
