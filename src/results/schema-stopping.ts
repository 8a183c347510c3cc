import { Type } from '../support/json-schema.js';
import { closed, count, time } from './schema-parts.js';

/** A stopping rule, fixed before the first trial. */
export const StoppingSchema = closed(
  {
    spending: Type.Union([Type.Literal('obrien-fleming'), Type.Literal('pocock')], {
      description: 'How the level is spent over the looks',
    }),
    looks: Type.Array(
      closed({
        blocks: Type.Integer({ minimum: 1, description: 'Of the case, done at this look' }),
        nominalAlpha: Type.Number({
          minimum: 0,
          maximum: 1,
          description: 'Every p of the case must be below this, at this look or its own at an earlier one',
        }),
      }),
      { minItems: 2, description: 'Ascending; the last one after all blocks' },
    ),
  },
  'A case ends at the first look at which every comparison of it is decided, by trials and by blocks',
);

export const LookSchema = closed(
  {
    caseId: Type.String(),
    blocks: count('Of the case, done when it was looked at'),
    lookedAt: time,
    stopped: Type.Boolean({ description: 'Whether the case ended here, before all of its blocks' }),
  },
  'A look that the stopping rule took',
);
