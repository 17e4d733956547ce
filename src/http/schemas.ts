import { Type } from 'typebox';
import { ErrorBody } from './errors.ts';

/** One of a list of words; Ajv then names all of them when it refuses one. */
export function OneOf<const Words extends readonly string[]>(words: Words, description?: string) {
  return Type.Unsafe<Words[number]>({
    type: 'string',
    enum: [...words],
    ...(description === undefined ? {} : { description }),
  });
}

export const Country = Type.String({
  pattern: '^[A-Z]{2}$',
  description: 'ISO 3166 alpha-2',
  examples: ['US'],
});

export const UserParams = Type.Object({
  userId: Type.String({ description: '1 to 256 bytes of UTF-8, percent-encoded' }),
});

export const ExperimentParams = Type.Object({ key: Type.String({ description: 'key of the experiment' }) });

export const AssignmentBody = Type.Object(
  {
    experiment: Type.String(),
    iteration: Type.Integer(),
    variant: Type.Union([Type.String(), Type.Null()], { description: 'null unless assigned or forced' }),
    reason: OneOf(
      [
        'assigned',
        'forced',
        'not-targeted',
        'outside-ramp',
        'layer-taken',
        'holdout',
        'not-started',
        'ended',
        'stopped',
        'exposure-unavailable',
      ],
      'why the user is, or is not, in the experiment',
    ),
    phase: Type.Integer({ description: 'row of the ramp phase in force, -1 before the start' }),
  },
  { description: 'Assignment' },
);

export const BAD_REQUEST = { 400: ErrorBody } as const;
export const NOT_FOUND = { 404: ErrorBody } as const;
export const UNAVAILABLE = { 503: ErrorBody } as const;
