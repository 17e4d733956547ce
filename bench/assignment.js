import murmurhash from 'murmurhash';
import { createAssigner } from '../dist/assignment/assign.js';
import { hashAfter, hashPrefix, packUtf8 } from '../dist/assignment/hash.js';
import { nanosecondsPerCall, section, table } from './measure.js';
import { peers } from './sdks.js';

/** A four-arm experiment on a slice of its layer, ramped and targeted: it needs three hashes (layer, traffic, variant). */
function fourArms({ slice, ramp }) {
  return {
    layers: [{ name: 'homepage', salt: 'homepage-2026' }],
    experiments: [
      {
        key: 'ranking',
        iteration: 1,
        layer: { name: 'homepage', from: 0, to: slice },
        startMs: 0,
        durationMs: 1e15,
        observeForMs: 0,
        targeting: { all: [{ attribute: 'country', operator: 'in', value: ['US', 'CA', 'GB'] }] },
        variants: ['a', 'b', 'c', 'd'].map((key) => ({ key, weight: 0.25 })),
        ramp: [{ share: ramp }],
      },
    ],
  };
}

const UNITS = Array.from({ length: 4096 }, (_, i) => `u-${(i * 2654435761) % 1e7}`);
const ATTRIBUTES = { country: 'US', device: 'tv', surface: 'homepage' };
const unit = (i) => UNITS[i & 4095];

const SALTS = ['homepage-2026:', 'ranking/1/traffic:', 'ranking/1/variant:'];
const SALTED = SALTS.map((salt) => UNITS.map((unit) => salt + unit));
const EMPTY = hashPrefix('');
const words = new Int32Array(64);
/** The hash itself: of a string that is already put together, into memory that is already there. */
const murmur3 = (text) => hashAfter(EMPTY, words, packUtf8(text, words));
const threeTimes = (hash) => (i) =>
  hash(SALTED[0][i & 4095]) ^ hash(SALTED[1][i & 4095]) ^ hash(SALTED[2][i & 4095]);

/** ns per assignment, beside the bare hashes it needs and beside the SDKs deciding the same four arms. */
export async function run() {
  section('Assignment, ns per decision');
  const bare = nanosecondsPerCall(threeTimes(murmur3));
  const packaged = nanosecondsPerCall(threeTimes(murmurhash.v3), { calls: 100_000 });
  const sliced = createAssigner(fourArms({ slice: 0.999999, ramp: 0.999999 }));
  const full = nanosecondsPerCall(
    (i) => sliced.assignOne('ranking', unit(i), ATTRIBUTES, 1e12).variant !== '',
  );
  const whole = createAssigner(fourArms({ slice: 1, ramp: 1 }));
  const fourArm = nanosecondsPerCall(
    (i) => whole.assignOne('ranking', unit(i), ATTRIBUTES, 1e12).variant !== null,
  );
  const oneHash = nanosecondsPerCall((i) => murmur3(SALTED[2][i & 4095]) >= 0);

  const rows = [['', 'ns', 'ratio']];
  rows.push(['3 bare murmur3 hashes (our function)', bare.toFixed(0), '1']);
  rows.push([
    '3 bare murmur3 hashes (the murmurhash package)',
    packaged.toFixed(0),
    (packaged / bare).toFixed(2),
  ]);
  rows.push([
    'Screentest: layer slice, ramp, targeting, four arms (3 hashes)',
    full.toFixed(0),
    (full / bare).toFixed(2),
  ]);
  rows.push(['1 bare murmur3 hash', oneHash.toFixed(0), '1']);
  rows.push([
    'Screentest: four arms, targeting (1 hash)',
    fourArm.toFixed(0),
    (fourArm / oneHash).toFixed(2),
  ]);
  for (const [name, open] of Object.entries(peers)) {
    const peer = await open();
    const ns = nanosecondsPerCall((i) => peer.decide(unit(i)) !== undefined, { calls: 50_000 });
    rows.push([`${name}: four arms`, ns.toFixed(0), `${(ns / fourArm).toFixed(1)} x Screentest`]);
    await peer.close();
  }
  console.log(table(rows));
}
