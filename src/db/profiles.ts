import { sql } from 'kysely';
import type { AgeGroup } from '../ranking/catalogue.ts';
import type { Database } from './connect.ts';

/** What a user told us. */
export interface Profile {
  /** ISO 3166 alpha-2, or '' for unknown. */
  readonly country: string;
  readonly ageGroup: AgeGroup;
  /** Catalogue rows picked at onboarding. */
  readonly picks: readonly number[];
}

/** Stores a profile; what is absent stays as it was. */
export async function saveProfile(
  db: Database,
  environment: string,
  user: string,
  profile: Partial<Profile>,
): Promise<void> {
  const country = profile.country ?? null;
  const ageGroup = profile.ageGroup ?? null;
  const picks = profile.picks ? [...profile.picks] : null;
  await sql`
    insert into profile as kept (environment, "user", country, age_group, picks)
    values (${environment}, ${user}, coalesce(${country}, ''), coalesce(${ageGroup}, 'unknown'), coalesce(${picks}::integer[], '{}'))
    on conflict (environment, "user") do update set country = coalesce(${country}, kept.country),
      age_group = coalesce(${ageGroup}, kept.age_group), picks = coalesce(${picks}::integer[], kept.picks)`.execute(
    db.kysely,
  );
}

/** Every profile of an environment, with its user, in the order of users. */
export async function readProfiles(
  db: Database,
  environment: string,
): Promise<(Profile & { readonly user: string })[]> {
  const rows = await db.kysely
    .selectFrom('profile')
    .selectAll()
    .where('environment', '=', environment)
    .orderBy('user')
    .execute();
  return rows.map(({ user, country, age_group, picks }) => ({
    user,
    country,
    ageGroup: age_group as AgeGroup,
    picks,
  }));
}
