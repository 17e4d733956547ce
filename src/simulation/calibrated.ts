import type { WorldParameters } from './parameters.ts';

/** docs/calibration.md says where each number comes from; `npx screentest calibrate --write .` makes this file anew. */
export const CALIBRATED: WorldParameters = {
  attraction: { least: 0.01, most: 0.45, offset: -0.75, affinity: 0.3, quality: 0.55 },
  satisfaction: { least: 0.02, most: 0.97, offset: -0.25, affinity: 1.8, quality: 0.4 },
  activity: { occasional: 0.52, medians: [0.16, 26.4], deviations: [0.6, 0.45], maximum: 60 },
  behaviour: {
    browseShare: 0.15,
    playLeast: 0.62,
    intent: 0.4,
    resume: 0.03,
    nextEpisode: 0.25,
    budgetMinutes: 105,
    seenAttraction: 0.15,
    satiation: 0.05,
    joyHours: 0.27,
    moodWeight: 0.1,
    moodReference: 0.26,
    moodRate: 1.1,
    hook: 1,
    hookPower: 3,
    hookHours: 40,
    cancel: 0.002,
    crash: 0.002,
    supportTicket: 0.0008,
    rental: 0.015,
    rentalPrice: 399,
    bufferingMs: 350,
  },
};

/** What the world showed with these parameters; `moments` in the order of TARGETS. */
export const CALIBRATION = {
  seed: 1,
  titles: 15000,
  trainedOn: 10000,
  viewers: 10000,
  lived: 1873,
  moments: [
    0.1787, 8.453, 42.315, 2.237, 0.6794, 0.8134, 11.942, 0.3592, 0.3166, 0.2061, 0.3399, 0.0306, 0.0207,
    0.1055,
  ],
} as const;
