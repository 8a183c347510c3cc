/** What several tests of the client need. */
import assert from 'node:assert/strict';
import { loadAddon } from '../../src/predis/addon.js';
import {
  PredisClient,
  PredisError,
  type PredisErrorCode,
  type PredisOptions,
} from '../../src/predis/index.js';
import type { NativeAddon } from '../../src/predis/native.js';

/** The engine that tests run on; `npm run test:gpu` sets it. */
export const testEngine = process.env.PREDIS_TEST_ENGINE === 'cuda' ? 'cuda' : 'cpu';

/** A client over an engine of its own, of the kind under test unless the options name one. */
export function connected(options: PredisOptions = {}): PredisClient {
  const client = new PredisClient(
    options.attach === undefined ? { engine: testEngine, ...options } : options,
  );
  client.connectSync();
  return client;
}

/** Checks that an error is a PredisError of that code, and perhaps more. */
export function predisError(
  code: PredisErrorCode,
  more: Partial<PredisError> = {},
): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof PredisError, `not a PredisError: ${String(error)}`);
    assert.equal(error.code, code, error.message);
    for (const [name, value] of Object.entries(more)) {
      assert.deepEqual(error[name as keyof PredisError], value, name);
    }
    return true;
  };
}

/** What `create` of the bare addon takes for an engine of the kind under test, with nothing set. */
export const plainEngine = [testEngine, 0, 0, 0, 0, 0, 0] as const;

/** The addon's methods without the client around them. */
export function bareAddon(): NativeAddon {
  return loadAddon().native;
}
