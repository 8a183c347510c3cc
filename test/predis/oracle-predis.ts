/** How the client answers the calls of the oracle test. */
import {
  type Operation,
  type OperationResult,
  type PredisClient,
  PredisError,
} from '../../src/predis/index.js';
import { pack } from '../../src/predis/packed.js';
import type { RandomSource } from '../../src/support/random.js';
import { type Answer, type Call, latin1 } from './oracle-calls.js';

/** Each call in one of the forms that the client has for it, at random: bytes, strings, packed; synchronous or a promise. */
export class PredisAnswers {
  readonly #client: PredisClient;
  readonly #random: RandomSource;

  constructor(client: PredisClient, random: RandomSource) {
    this.#client = client;
    this.#random = random;
  }

  async answer(call: Call): Promise<Answer> {
    try {
      return await this.#answer(call);
    } catch (error) {
      if (error instanceof PredisError) return `error: ${error.message}`;
      throw error;
    }
  }

  #coin(): boolean {
    return this.#random.nextBelow(2) === 0;
  }

  /** The same bytes as a Buffer, a Uint8Array, or a string where the bytes are UTF-8. */
  #form(latin1: string): string | Uint8Array {
    const bytes = Buffer.from(latin1, 'latin1');
    if (this.#random.nextBelow(4) === 0) return bytes;
    const text = bytes.toString('utf8');
    return Buffer.from(text, 'utf8').equals(bytes) ? text : new Uint8Array(bytes);
  }

  #forms(items: readonly string[]): (string | Uint8Array)[] {
    return items.map((item) => this.#form(item));
  }

  async #answer(call: Call): Promise<Answer> {
    const client = this.#client;
    const sync = this.#coin();
    switch (call.kind) {
      case 'get': {
        const key = this.#form(call.key);
        const value = sync ? client.getBufferSync(key) : await client.getBuffer(key);
        checkText(value, this.#coin() ? client.getSync(key) : await client.get(key));
        return latin1(value);
      }
      case 'put': {
        const [key, value] = [this.#form(call.key), this.#form(call.value)];
        if (sync) client.putSync(key, value, timeOf(call));
        else await client.put(key, value, timeOf(call));
        return null;
      }
      case 'putIfAbsent': {
        const parts = [this.#form(call.key), this.#form(call.value), timeOf(call)] as const;
        return sync ? client.putIfAbsentSync(...parts) : client.putIfAbsent(...parts);
      }
      case 'compareAndSet': {
        const expected = call.expected === null ? null : this.#form(call.expected);
        const parts = [this.#form(call.key), expected, this.#form(call.value), timeOf(call)] as const;
        return sync ? client.compareAndSetSync(...parts) : client.compareAndSet(...parts);
      }
      case 'expire': {
        const parts = [this.#form(call.key), { expiresAtMs: call.at }] as const;
        return sync ? client.expireSync(...parts) : client.expire(...parts);
      }
      case 'persist':
        return sync ? client.persistSync(this.#form(call.key)) : client.persist(this.#form(call.key));
      case 'expiresAt': {
        const key = this.#form(call.key);
        return ofExpiry(sync ? client.expiresAtSync(key) : await client.expiresAt(key));
      }
      case 'clear':
        if (sync) client.clearSync();
        else await client.clear();
        return null;
      case 'countKeys':
        return sync ? client.countKeysSync() : client.countKeys();
      case 'delete':
        return sync ? client.deleteSync(this.#form(call.key)) : client.delete(this.#form(call.key));
      case 'exists':
        return sync ? client.existsSync(this.#form(call.key)) : client.exists(this.#form(call.key));
      case 'increment':
        return String(
          await (sync
            ? client.incrementSync(this.#form(call.key), call.by)
            : client.increment(this.#form(call.key), call.by)),
        );
      case 'decrement':
        return String(
          await (sync
            ? client.decrementSync(this.#form(call.key), call.by)
            : client.decrement(this.#form(call.key), call.by)),
        );
      case 'mget':
        return this.#mget(call.keys, sync);
      case 'mput':
        await this.#mput(call.keys, call.values, sync);
        return null;
      case 'mdelete': {
        if (this.#coin()) {
          const keys = pack(this.#forms(call.keys));
          return sync ? client.mdeletePackedSync(keys) : client.mdeletePacked(keys);
        }
        const keys = this.#forms(call.keys);
        return sync ? client.mdeleteSync(keys) : client.mdelete(keys);
      }
      case 'batch': {
        const operations = call.calls.map((one) => this.#operation(one));
        const results = sync ? client.executeBatchSync(operations) : await client.executeBatch(operations);
        return results.map((result, i) => ofResult(result, operations[i]));
      }
      case 'flushAll':
        if (sync) client.flushAllSync();
        else await client.flushAll();
        return null;
    }
  }

  async #mget(keys: readonly string[], sync: boolean): Promise<Answer> {
    const client = this.#client;
    if (this.#coin()) {
      const packed = pack(this.#forms(keys));
      const { blob, offsets, found } = sync ? client.mgetPackedSync(packed) : await client.mgetPacked(packed);
      return keys.map((_, i) =>
        found[i] === 1 ? Buffer.from(blob.subarray(offsets[i], offsets[i + 1])).toString('latin1') : null,
      );
    }
    const forms = this.#forms(keys);
    const values = sync ? client.mgetBufferSync(forms) : await client.mgetBuffer(forms);
    const texts = this.#coin() ? client.mgetSync(forms) : await client.mget(forms);
    values.forEach((value, i) => {
      checkText(value, texts[i] ?? null);
    });
    return values.map(latin1);
  }

  async #mput(keys: readonly string[], values: readonly string[], sync: boolean): Promise<void> {
    const client = this.#client;
    if (this.#coin()) {
      const packed = [pack(this.#forms(keys)), pack(this.#forms(values))] as const;
      if (sync) client.mputPackedSync(...packed);
      else await client.mputPacked(...packed);
      return;
    }
    const forms = [this.#forms(keys), this.#forms(values)] as const;
    if (sync) client.mputSync(...forms);
    else await client.mput(...forms);
  }

  #operation(call: Call): Operation {
    switch (call.kind) {
      case 'get':
        return { op: 'getBuffer', key: this.#form(call.key) };
      case 'put':
      case 'putIfAbsent':
        return { op: call.kind, key: this.#form(call.key), value: this.#form(call.value), ...timeOf(call) };
      case 'compareAndSet': {
        const expected = call.expected === null ? null : this.#form(call.expected);
        const [key, value] = [this.#form(call.key), this.#form(call.value)];
        return { op: call.kind, key, expected, value, ...timeOf(call) };
      }
      case 'expire':
        return { op: 'expire', key: this.#form(call.key), expiresAtMs: call.at };
      case 'persist':
      case 'expiresAt':
        return { op: call.kind, key: this.#form(call.key) };
      case 'delete':
        return { op: 'delete', key: this.#form(call.key) };
      case 'increment':
      case 'decrement':
        return { op: call.kind, key: this.#form(call.key), by: call.by };
      case 'exists':
      case 'mget':
      case 'mput':
      case 'mdelete':
      case 'batch':
      case 'clear':
      case 'countKeys':
      case 'flushAll':
        throw new Error(`no such operation in a mixed batch: ${call.kind}`);
    }
  }
}

/** The text form of a value is the byte form decoded. */
function checkText(bytes: Buffer | null, text: string | null): void {
  const expected = bytes === null ? null : bytes.toString('utf8');
  if (expected !== text) throw new Error(`text ${JSON.stringify(text)} is not ${JSON.stringify(expected)}`);
}

/** Nothing for a key that never expires. */
function timeOf({ at }: { at: number }): { expiresAtMs: number } | undefined {
  return at === 0 ? undefined : { expiresAtMs: at };
}

/** null without the key, 0 without a time. */
function ofExpiry(at: number | null | undefined): Answer {
  return at === undefined ? null : (at ?? 0);
}

function ofResult(result: OperationResult, operation: Operation | undefined): Answer {
  if (!result.ok) return `error: ${result.error.message}`;
  const { value } = result;
  if (operation?.op === 'expiresAt') return ofExpiry(value as number | null | undefined);
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  return typeof value === 'bigint' ? String(value) : (value ?? null);
}

/** Reads all keys and values that the client holds of `keys`. */
export function contentOfPredis(client: PredisClient, keys: readonly string[]): Map<string, string> {
  const values = client.mgetBufferSync(keys.map((key) => Buffer.from(key, 'latin1')));
  return new Map(
    keys.flatMap((key, i) => {
      const value = values[i] ?? null;
      return value === null ? [] : [[key, value.toString('latin1')] as const];
    }),
  );
}
