import { type ByteSlabs, createByteSlabs } from './byte-slabs.ts';
import { packLists, unpackLists } from './candidate-bytes.ts';
import type { PackedCandidateStore, PackedLists } from './viewer.ts';

/** The lists of one models version: where those of each user are. */
interface Shelf {
  readonly slabs: ByteSlabs;
  /** User to a row of the columns. */
  readonly rows: Map<string, number>;
  places: Float64Array;
  lengths: Uint32Array;
}

/** A candidate store in this process, which knows its size. */
export interface MemoryCandidateStore extends PackedCandidateStore {
  /** Users and bytes of their lists, beside some hundred bytes a user for finding them. */
  size(modelsVersion: string): { readonly users: number; readonly bytes: number };
}

/**
 * Candidate lists kept in this process, packed as `packLists` has them: 800,000 users with one list of 200 take 0.35 GB, with two
 * 0.7 GB, ids apart.
 */
export function createMemoryCandidateStore(): MemoryCandidateStore {
  const versions = new Map<string, Shelf>();

  function put(modelsVersion: string, users: readonly string[], { bytes, ends }: PackedLists): void {
    const shelf = versions.get(modelsVersion) ?? createShelf();
    versions.set(modelsVersion, shelf);
    users.forEach((user, i) => {
      const from = i === 0 ? 0 : ends[i - 1]!;
      const row = rowOf(shelf, user);
      if (shelf.lengths[row]! > 0) shelf.slabs.release(shelf.places[row]!, shelf.lengths[row]!);
      shelf.places[row] = shelf.slabs.add(bytes, from, ends[i]!);
      shelf.lengths[row] = ends[i]! - from;
    });
  }

  return {
    async getMany(modelsVersion, users) {
      const shelf = versions.get(modelsVersion);
      return users.map((user) => {
        const row = shelf?.rows.get(user);
        if (shelf === undefined || row === undefined) return undefined;
        return shelf.slabs.read(shelf.places[row]!, (slab, from) =>
          unpackLists(slab, from, from + shelf.lengths[row]!),
        );
      });
    },
    async putMany(modelsVersion, entries) {
      put(
        modelsVersion,
        entries.map(([user]) => user),
        packLists(entries.map(([, lists]) => lists)),
      );
    },
    async putPacked(modelsVersion, users, packed) {
      put(modelsVersion, users, packed);
    },
    async drop(modelsVersion) {
      versions.delete(modelsVersion);
    },
    async close() {
      versions.clear();
    },
    size(modelsVersion) {
      const shelf = versions.get(modelsVersion);
      return { users: shelf?.rows.size ?? 0, bytes: shelf?.slabs.capacity ?? 0 };
    },
  };
}

function createShelf(): Shelf {
  return {
    slabs: createByteSlabs(),
    rows: new Map(),
    places: new Float64Array(16),
    lengths: new Uint32Array(16),
  };
}

function rowOf(shelf: Shelf, user: string): number {
  const known = shelf.rows.get(user);
  if (known !== undefined) return known;
  const row = shelf.rows.size;
  shelf.rows.set(user, row);
  if (row === shelf.places.length) {
    const [places, lengths] = [new Float64Array(2 * row), new Uint32Array(2 * row)];
    places.set(shelf.places);
    lengths.set(shelf.lengths);
    Object.assign(shelf, { places, lengths });
  }
  return row;
}
