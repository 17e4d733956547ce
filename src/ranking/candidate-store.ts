import type { CandidateLists, CandidateStore } from './viewer.ts';

/** Candidate lists kept in this process. */
export function createMemoryCandidateStore(): CandidateStore {
  const versions = new Map<string, Map<string, CandidateLists>>();
  return {
    async getMany(modelsVersion, users) {
      const lists = versions.get(modelsVersion);
      return users.map((user) => lists?.get(user));
    },
    async putMany(modelsVersion, entries) {
      const lists = versions.get(modelsVersion) ?? new Map<string, CandidateLists>();
      versions.set(modelsVersion, lists);
      for (const [user, list] of entries) lists.set(user, list);
    },
    async drop(modelsVersion) {
      versions.delete(modelsVersion);
    },
    async close() {
      versions.clear();
    },
  };
}
