import { type Static, Type } from 'typebox';
import { KNOWN_OUTCOMES } from '../events/records.ts';
import { DEVICES } from '../ranking/catalogue.ts';
import { Country, OneOf } from './schemas.ts';

/** Events of one batch. */
export const MAX_EVENTS = 1_000;
/** Things in one packed event. */
export const MAX_ITEMS = 200;
const UUID = '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$';

const known = Object.entries(KNOWN_OUTCOMES).map(([name, unit]) => `${name} (${unit})`);

const Name = Type.String({
  pattern: '^[a-z][a-z0-9_]{0,62}$',
  description: `known: ${known.join('; ')}; or a name of your own`,
  examples: ['click'],
});
const Value = Type.Integer({
  minimum: Number.MIN_SAFE_INTEGER,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'seconds, milliseconds, counts or minor units of money, by name; default 1 for counts',
});
const Title = Type.String({ maxLength: 256, description: 'title id' });

/** One thing that happened, or, with `items`, all that came of one request. */
export const EventBody = Type.Object(
  {
    id: Type.String({
      pattern: UUID,
      description: 'yours, a UUID (best a UUIDv7): the same event always has the same',
    }),
    user: Type.String({ description: '1 to 256 bytes of UTF-8' }),
    at: Type.Union(
      [
        Type.Integer({ minimum: 0, maximum: 253_402_300_799_999 }),
        Type.String({ maxLength: 40, examples: ['2026-10-01T12:00:00Z'] }),
      ],
      { description: "when, by the client's clock: epoch milliseconds or ISO 8601 with a zone" },
    ),
    name: Type.Optional(Name),
    value: Type.Optional(Value),
    title: Type.Optional(Title),
    request_id: Type.Optional(Type.String({ pattern: UUID, description: 'of the slate it came of' })),
    surface: Type.Optional(
      Type.String({ maxLength: 100, description: "where it happened; default: the request's" }),
    ),
    items: Type.Optional(
      Type.Array(
        Type.Object(
          {
            name: Name,
            value: Type.Optional(Value),
            title: Type.Optional(Title),
            after_ms: Type.Optional(
              Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1, description: 'milliseconds after `at`' }),
            ),
          },
          { additionalProperties: false },
        ),
        { minItems: 1, maxItems: MAX_ITEMS },
      ),
    ),
    experiment: Type.Optional(Type.String({ maxLength: 256, description: 'exposure only' })),
    variant: Type.Optional(Type.String({ maxLength: 256, description: 'exposure only' })),
    device: Type.Optional(OneOf(DEVICES, 'exposure only: frozen for reports')),
    country: Type.Optional(Country),
  },
  { additionalProperties: false, description: 'Event' },
);
export type EventBody = Static<typeof EventBody>;

const SentAt = Type.Optional(
  Type.Union([Type.Integer({ minimum: 0, maximum: 253_402_300_799_999 }), Type.String({ maxLength: 40 })], {
    description:
      "when this batch leaves, by the client's clock: stored beside `at` and the time of receipt, and corrects neither",
  }),
);

export const EventsBody = Type.Object(
  { events: Type.Array(EventBody, { minItems: 1, maxItems: MAX_EVENTS }), sent_at: SentAt },
  { additionalProperties: false },
);

/** What is enforced on the whole batch; each event is judged alone, so that one bad event costs no other. */
export const EventsEnvelope = Type.Object(
  { events: Type.Array(Type.Unknown(), { minItems: 1, maxItems: MAX_EVENTS }), sent_at: SentAt },
  { additionalProperties: false },
);
export type EventsEnvelope = Static<typeof EventsEnvelope>;

export const EventsQuery = Type.Object({
  dry: Type.Optional(OneOf(['true'], 'only says which events would be rejected: nothing is stored')),
  wait: Type.Optional(
    OneOf(
      ['accepted', 'stored'],
      'what the answer waits for. accepted: the local journal, the default. stored: the database, which alone can tell every duplicate and conflict; where it does not answer in 250 ms, the journal',
    ),
  ),
});

export const EventResult = Type.Object({
  id: Type.Union([Type.String(), Type.Null()], { description: 'of the event, null where it had none' }),
  status: OneOf(
    ['stored', 'accepted', 'duplicate', 'conflict', 'rejected'],
    'accepted: durable in the journal, and compared with all earlier ones when the database takes it; stored: in the database; duplicate: there before; conflict: another payload has this id and stays; rejected: kept as a dead letter',
  ),
  reason: Type.Optional(Type.String()),
  warnings: Type.Optional(Type.Array(Type.String())),
});
export type EventResult = Static<typeof EventResult>;
export const EventsAnswer = Type.Object({ results: Type.Array(EventResult) });
