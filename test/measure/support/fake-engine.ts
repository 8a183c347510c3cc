import { BenchError } from '../../../src/errors.js';
import type { Engine, EngineSession, MaybePromise, SessionSpec } from '../../../src/engines/engine.js';

/** How a fake engine misbehaves, and when. */
export type Fault =
  | 'none'
  | 'wrong-value' // reads answer with another key's value
  | 'lost-writes' // puts are accepted and forgotten
  | 'stale-reads' // reads answer with what was loaded
  | 'lost-last-write' // every put replaces what the one before should have left, too late
  | 'short-batch' // mget leaves the last value out
  | 'missing' // reads answer that there is nothing
  | 'errors' // every third request is answered with an error
  | 'throws' // sessions cannot be opened
  | 'lost' // the engine is gone after some requests
  | 'hangs'; // requests are never answered

/** Sessions by spec, because a spec is plain data. */
const stores = new Map<string, FakeEngine>();

/** An engine in memory that does what the contract says, or one thing wrong. */
export class FakeEngine implements Engine {
  readonly data = new Map<string, string>();
  readonly log: string[] = [];
  loaded = new Map<string, string>();
  readonly #name: string;

  /** @param mode whether sessions answer at once or promise */
  constructor(
    name: string,
    readonly mode: 'sync' | 'async' = 'sync',
    public fault: Fault = 'none',
  ) {
    this.#name = name;
    stores.set(name, this);
  }

  describe(): ReturnType<Engine['describe']> {
    return Promise.resolve({
      name: this.#name,
      version: '1',
      boundary: 'api',
      synchronous: this.mode === 'sync',
      managed: true,
      settings: { fault: this.fault },
    });
  }

  load(count: number, pairOf: (index: number) => { key: string; value: string }): Promise<void> {
    this.log.push('load');
    this.data.clear();
    for (let index = 0; index < count; index++) {
      const { key, value } = pairOf(index);
      this.data.set(key, value);
    }
    this.loaded = new Map(this.data);
    return Promise.resolve();
  }

  sessionSpec(): SessionSpec {
    return { kind: 'fake', name: this.#name };
  }

  memoryBytes(): Promise<number> {
    this.log.push('memory');
    return Promise.resolve(this.data.size * 100);
  }

  flush(): Promise<void> {
    this.log.push('flush');
    this.data.clear();
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.log.push('close');
    return Promise.resolve();
  }
}

export function openSession(spec: SessionSpec): Promise<EngineSession> {
  const engine = stores.get(String(spec.name));
  if (engine === undefined) throw new Error('no such fake engine');
  engine.log.push('open');
  if (engine.fault === 'throws') return Promise.reject(new Error('this engine opens no session'));
  return Promise.resolve(new FakeSession(engine));
}

class FakeSession implements EngineSession {
  readonly #engine: FakeEngine;
  #requests = 0;
  #held: readonly [string, string] | null = null;

  constructor(engine: FakeEngine) {
    this.#engine = engine;
  }

  get(key: string): MaybePromise<string | null> {
    return this.#answer(() => this.#read(key));
  }

  put(key: string, value: string): MaybePromise<void> {
    return this.#answer(() => {
      this.#write(key, value);
    });
  }

  delete(key: string): MaybePromise<boolean> {
    return this.#answer(() => this.#engine.data.delete(key));
  }

  increment(key: string, by: number): MaybePromise<string> {
    return this.#answer(() => {
      const sum = String(Number(this.#engine.data.get(key) ?? 0) + by);
      this.#write(key, sum);
      return sum;
    });
  }

  mget(keys: readonly string[]): MaybePromise<(string | null)[]> {
    return this.#answer(() => {
      const values = keys.map((key) => this.#read(key));
      return this.#engine.fault === 'short-batch' ? values.slice(1) : values;
    });
  }

  mput(keys: readonly string[], values: readonly string[]): MaybePromise<void> {
    return this.#answer(() => {
      for (const [index, key] of keys.entries()) this.#write(key, values[index] ?? '');
    });
  }

  close(): Promise<void> {
    this.#engine.log.push('close session');
    return Promise.resolve();
  }

  #read(key: string): string | null {
    const { data, loaded, fault } = this.#engine;
    if (fault === 'missing') return null;
    if (fault === 'stale-reads') return loaded.get(key) ?? null;
    if (fault === 'wrong-value') return data.get(key === 'k0' ? 'k1' : 'k0') ?? null;
    return data.get(key) ?? null;
  }

  #write(key: string, value: string): void {
    const { data, fault } = this.#engine;
    if (fault === 'lost-writes') return;
    if (fault === 'lost-last-write') {
      if (this.#held !== null) data.set(...this.#held);
      this.#held = [key, value];
      return;
    }
    data.set(key, value);
  }

  #answer<T>(act: () => T): MaybePromise<T> {
    const { fault, mode } = this.#engine;
    this.#requests++;
    if (fault === 'hangs') return new Promise<T>(() => undefined);
    if (fault === 'errors' && this.#requests % 3 === 0) return this.#refuse(new Error('ERR no'));
    if (fault === 'lost' && this.#requests > 5) {
      return this.#refuse(new BenchError('REDIS_LOST', 'The connection to Redis was lost.'));
    }
    const value = act();
    return mode === 'sync' ? value : Promise.resolve(value);
  }

  #refuse(error: Error): Promise<never> {
    if (this.#engine.mode === 'sync') throw error;
    return Promise.reject(error);
  }
}
