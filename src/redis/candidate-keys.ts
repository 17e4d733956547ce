/** Key of one user's lists, or the start of all keys of a models version where the user is ''. */
export function candidateKey(prefix: string, modelsVersion: string, user: string): string {
  return `${prefix}:candidates:${modelsVersion}:${user}`;
}

export function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}
