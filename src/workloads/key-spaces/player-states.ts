import type { KeySpace } from '../workload.js';
import { hash32, indexWidth, readVersion, twoDecimals, zeroPadded } from './text.js';

const COMMA = 44;

/**
 * Players of a game: key `player:0042`, value a JSON object of about 100 bytes,
 * `{"version":17,"player":42,"position":{"x":12.50,"y":803.07,"z":4.31},"health":87,"score":1742}`. Positions lie on a map
 * of 1,024 by 1,024 metres, health is 0 to 100, and the score of a player never falls from version to version.
 *
 * @param players number of keys, 1 to 2^32
 */
export function playerKeySpace(players: number): KeySpace {
  const width = indexWidth(players);
  return {
    size: players,
    key: (index) => `player:${zeroPadded(index, width)}`,
    value: (index, version) => {
      const hash = hash32(index, version);
      const more = hash32(hash, version);
      const x = hash % 102_400;
      const y = more % 102_400;
      const z = (hash >>> 17) % 3_000;
      const health = (more >>> 17) % 101;
      const score = version * 100 + (more & 63);
      return (
        `{"version":${String(version)},"player":${String(index)},` +
        `"position":{"x":${twoDecimals(x)},"y":${twoDecimals(y)},"z":${twoDecimals(z)}},` +
        `"health":${String(health)},"score":${String(score)}}`
      );
    },
    versionOf: (value) => readVersion(value, '{"version":', COMMA),
  };
}
