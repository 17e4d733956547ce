/** What is known of a unit at its first exposure and frozen there: reports are cut, stratified and adjusted by these. */
export const FROZEN_ATTRIBUTES = ['country', 'device', 'age_group', 'activity', 'watches_before'] as const;

export type FrozenAttribute = (typeof FROZEN_ATTRIBUTES)[number];

/** Those that are numbers, written as text: they may be covariates. */
export const NUMERIC_ATTRIBUTES: readonly FrozenAttribute[] = ['watches_before'];
