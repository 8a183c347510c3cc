import type { KeySpace } from '../workload.js';
import { hash32, indexWidth, zeroPadded } from './text.js';

/** Scores that players begin with are below this. */
const FIRST_SCORES = 1_000_000;

/**
 * Scores of players: key `player:00042`, value a decimal integer that is only ever incremented. Which score a player begins
 * with follows from the index; later ones follow from nothing but the increments, so that there is no other version to write.
 *
 * @param players number of keys, 1 to 2^32
 */
export function scoreKeySpace(players: number): KeySpace {
  const width = indexWidth(players);
  return {
    size: players,
    key: (index) => `player:${zeroPadded(index, width)}`,
    value: (index, version) => String((hash32(index, 0) % FIRST_SCORES) + version),
    versionOf: (value) => (/^\d{1,16}$/.test(value) ? 0 : -1),
  };
}
