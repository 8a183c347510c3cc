import type { EngineSession } from '../engine.js';

/** Text of pairs per mput while loading: large enough that the command itself costs nothing, small enough to interleave. */
const LOAD_COMMAND_BYTES = 64 * 1024;
/** Of them in flight while loading: Redis works while the next ones are being written. */
const LOAD_COMMANDS_IN_FLIGHT = 8;

/** Writes `count` pairs through a session, several commands in flight at a time. */
export async function loadPairs(
  session: EngineSession,
  count: number,
  pair: (index: number) => { key: string; value: string },
): Promise<void> {
  const inFlight: Promise<void>[] = [];
  for (let index = 0; index < count;) {
    const keys: string[] = [];
    const values: string[] = [];
    for (let bytes = 0; index < count && bytes < LOAD_COMMAND_BYTES; index++) {
      const { key, value } = pair(index);
      keys.push(key);
      values.push(value);
      bytes += key.length + value.length;
    }
    const sent = Promise.resolve(session.mput(keys, values));
    // Its failure is met below, when its turn comes; until then it must not count as unhandled.
    sent.catch(() => undefined);
    inFlight.push(sent);
    if (inFlight.length === LOAD_COMMANDS_IN_FLIGHT) await inFlight.shift();
  }
  await Promise.all(inFlight);
}
