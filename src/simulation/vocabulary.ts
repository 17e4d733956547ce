/** Words of the invented catalogue. A genre or theme speaks through its own words, so text carries what a title is about. */

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Genre, its share of the catalogue and its words. */
export const GENRES: readonly { name: string; share: number; words: readonly string[] }[] = [
  {
    name: 'Drama',
    share: 26,
    words: words('grief marriage choice regret household letter confession truth'),
  },
  {
    name: 'Comedy',
    share: 20,
    words: words('awkward mishap prank laughter roommate chaos wedding disaster'),
  },
  {
    name: 'Thriller',
    share: 14,
    words: words('conspiracy hunted paranoia deadline hostage twist secret pursuit'),
  },
  {
    name: 'Action',
    share: 12,
    words: words('explosion chase mercenary ambush rescue showdown squad vengeance'),
  },
  {
    name: 'Crime',
    share: 9,
    words: words('detective heist syndicate informant evidence smuggler precinct verdict'),
  },
  {
    name: 'Romance',
    share: 8,
    words: words('kiss longing courtship proposal heartbreak reunion summer sweetheart'),
  },
  {
    name: 'Science Fiction',
    share: 6,
    words: words('starship android colony wormhole quantum signal orbit clone'),
  },
  {
    name: 'Documentary',
    share: 5,
    words: words('archive interview footage investigation testimony portrait history chronicle'),
  },
  {
    name: 'Family',
    share: 4,
    words: words('puppy holiday sibling treehouse grandfather picnic kindness bedtime'),
  },
  {
    name: 'Animation',
    share: 4,
    words: words('cartoon hand-drawn critter wizardling doodle bouncing puppet colourful'),
  },
  {
    name: 'Fantasy',
    share: 3.5,
    words: words('dragon sorcerer prophecy kingdom enchanted sword relic throne'),
  },
  {
    name: 'Horror',
    share: 3.5,
    words: words('haunted cursed scream cellar possession slasher nightmare blood'),
  },
  {
    name: 'Adventure',
    share: 3,
    words: words('expedition treasure jungle summit voyage map compass explorer'),
  },
  {
    name: 'Mystery',
    share: 2.5,
    words: words('clue disappearance riddle alibi manor inspector cipher stranger'),
  },
  {
    name: 'War',
    share: 1.5,
    words: words('trench battalion frontline armistice deserter siege medic convoy'),
  },
  { name: 'Music', share: 1.2, words: words('concert band melody rehearsal stage chorus vinyl encore') },
  {
    name: 'Sport',
    share: 1,
    words: words('championship underdog coach locker stadium comeback referee season'),
  },
  {
    name: 'Western',
    share: 0.8,
    words: words('sheriff frontier saloon rancher outlaw prairie rustler canyon'),
  },
];

/** What titles are about, across genres. */
export const THEMES: readonly (readonly string[])[] = [
  'ocean sailor harbour lighthouse storm tide reef',
  'courtroom lawyer jury trial appeal witness judge',
  'hospital surgeon nurse ward diagnosis emergency patient',
  'newsroom reporter editor scoop headline source deadline',
  'kitchen chef recipe bistro flavour spice bakery',
  'winter snow glacier cabin blizzard ice sledge',
  'desert caravan oasis dune nomad mirage well',
  'school teacher pupil classroom graduation bully exam',
  'robots circuit machine automation sentient core upgrade',
  'royalty queen heir palace crown duchess coronation',
  'spies agent defector embassy codename double asset',
  'racing driver engine circuit pitlane rally turbo',
  'farm harvest barn orchard tractor drought village',
  'casino gambler poker bluff dealer jackpot debt',
  'dance ballet rhythm troupe studio rehearsal tango',
  'mountain climber avalanche ridge sherpa altitude rope',
  'hacker code breach server encryption network malware',
  'politics senator campaign election scandal ballot lobby',
  'vampire immortal coven fang crypt moonlit bloodline',
  'superhero mask powers villain sidekick cape hideout',
  'prison inmate escape warden sentence parole cell',
  'astronomy comet telescope nebula planet eclipse observatory',
  'migration border exile homeland passport refugee crossing',
  'startup founder investor pitch garage fortune rivals',
  'ghosts seance spirit medium apparition attic whisper',
  'motherhood daughter newborn nursery adoption birthday lullaby',
  'friendship reunion roadtrip college memories diner promise',
  'gangs turf boss loyalty betrayal docks crew',
  'painting forger gallery canvas sculptor muse auction',
  'wildlife savannah elephant ranger poacher migration herd',
  'time loop paradox yesterday century clockwork future',
  'plague virus quarantine outbreak vaccine cure survivor',
  'theatre actor understudy playwright premiere curtain critic',
  'train railway conductor platform luggage tunnel express',
  'island castaway lagoon volcano shipwreck palm raft',
  'samurai ronin blade dojo shogun honour clan',
  'teenagers crush locker prom skateboard diary summer',
  'aliens invasion saucer abduction mothership contact crater',
  'religion monk abbey pilgrim vow miracle relic',
  'football striker goal league captain penalty derby',
].map(words);

export const ADJECTIVES = words(
  'Silent Crimson Hidden Last Broken Golden Distant Burning Quiet Hollow Electric Wandering Frozen Secret Velvet Restless Forgotten Scarlet Bitter Gentle Midnight Paper Iron Wild Lonely Second Northern Emerald Fading Reckless Borrowed Stolen Invisible Ordinary Impossible Perfect Crooked Hungry Lucky Savage Tender Luminous Salted Sleeping Unwritten',
);

export const NOUNS = words(
  'River Garden Promise Shadow House Winter Letter Mirror Road Kingdom Signal Summer Harbour Orchard Stranger Daughter Brother Island Bridge Lantern Empire Silence Horizon Witness Season Carnival Tower Station Hunter Dance Fortune Crown Storm Ember Compass Circus Valley Machine Window Feast Voyage Cathedral Archive Sparrow Wolf Tide Clock Meadow Furnace Labyrinth',
);

export const ROLES = words(
  'widow detective student mechanic soldier pianist nurse smuggler teacher pilot cook widower journalist orphan scientist farmer gambler lawyer painter courier translator runaway captain gardener',
);

/** Syllables of invented places and people. */
export const ONSETS = words(
  'Ar Bel Cor Dra El Fen Gal Har Is Jor Kal Lor Mar Nor Or Pel Quen Ros Sar Tal Ul Vel Wen Yar Zel',
);
export const MIDDLES = words('a e i o u an er il on ar en');
export const CODAS = words('dale mont via nor ska ria ton wick stad mere lin dor quay rond moor vale');
