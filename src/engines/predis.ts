import { BenchError } from '../errors.js';
import { PredisClient, PredisError, type PredisOptions, type SharedHandle } from '../predis/index.js';
import type {
  Boundary,
  Engine,
  EngineDescription,
  EngineSession,
  GpuMeter,
  PackedCalls,
  SessionSpec,
} from './engine.js';
import type { PackedValues } from './packed.js';
import { gpuMeter } from './predis-gpu.js';

/** Pairs per mput while loading: large enough that the call itself costs nothing, small enough for the processor's caches. */
const LOAD_BATCH_PAIRS = 4_096;

export interface PredisSessionSpec extends SessionSpec {
  readonly kind: 'predis' | 'predis-device';
  readonly handle: SharedHandle;
  readonly boundary: PredisBoundary;
}

/** How the sessions call: strings through the client's plain calls, or packed batches. */
export type PredisBoundary = Extract<Boundary, 'api' | 'packed'>;

/** What a reader has to know of the packed calls. */
const PACKED_SETTINGS = {
  calls: 'packed batches, host memory to host memory; a request of one key is a batch of one',
  packing: 'before the window; memory of answers is used again',
  increments: 'the plain call: they have no packed form',
  prefetch: 'not announced: it has no packed form',
} as const;
/** What is set about the engine; see PredisOptions. */
export type PredisEngineOptions = Pick<PredisOptions, 'engine' | 'memoryLimitBytes'>;

/** The Predis engine of this process: made on the main thread, shared with the sessions in the workers. */
export class PredisEngine implements Engine {
  readonly #options: PredisEngineOptions;
  #client: PredisClient;
  #emptyBytes: number;
  readonly #boundary: PredisBoundary;
  #meter: GpuMeter | null = null;

  /** @throws BenchError PREDIS_ADDON when the addon does not load, PREDIS_ENGINE when the engine is not available here */
  constructor(options: PredisEngineOptions, boundary: PredisBoundary = 'api') {
    this.#boundary = boundary;
    this.#options = options;
    this.#client = connectedClient(options);
    this.#emptyBytes = this.#client.getStatsSync().memoryBytes;
  }

  describe(): Promise<EngineDescription> {
    const info = this.#client.infoSync();
    return Promise.resolve({
      name: 'predis',
      version: info.version,
      boundary: this.#boundary,
      synchronous: true,
      managed: true,
      settings: {
        device: info.engine,
        deviceRequested: info.requested,
        deviceReason: info.engineReason,
        ...(info.device === null ? {} : { deviceName: info.device.name }),
        compiler: info.compiler,
        compilerFlags: info.compilerFlags,
        memoryLimitBytes: info.settings.memoryLimitBytes,
        ...(this.#boundary === 'packed' ? PACKED_SETTINGS : {}),
      },
    });
  }

  /** @throws BenchError PREDIS_ENGINE when the pairs do not fit in the memory limit */
  async load(count: number, pair: (index: number) => { key: string; value: string }): Promise<void> {
    await this.flush();
    await this.#renew();
    for (let index = 0; index < count;) {
      const end = Math.min(count, index + LOAD_BATCH_PAIRS);
      const keys: string[] = [];
      const values: string[] = [];
      for (; index < end; index++) {
        const { key, value } = pair(index);
        keys.push(key);
        values.push(value);
      }
      asBenchErrors(() => {
        this.#client.mputSync(keys, values);
      });
    }
  }

  /**
   * Makes the CPU engine anew. Each has a hash seed of its own, which decides where keys fall: one engine for a whole run would
   * give all of its trials the same luck, and two names of one engine were found to differ in memory by a hundredth, at any p.
   * The CUDA engine takes too long to make; it lives for the run.
   */
  async #renew(): Promise<void> {
    if (this.#client.infoSync().engine !== 'cpu') return;
    const before = this.#client;
    this.#client = connectedClient(this.#options);
    this.#emptyBytes = this.#client.getStatsSync().memoryBytes;
    await before.disconnect();
  }

  sessionSpec(): PredisSessionSpec {
    return { kind: 'predis', handle: this.#client.share(), boundary: this.#boundary };
  }

  /** Records, allocator overhead and index, less what an empty engine takes. */
  memoryBytes(): Promise<number> {
    return Promise.resolve(Math.max(0, this.#client.getStatsSync().memoryBytes - this.#emptyBytes));
  }

  gpu(): GpuMeter | null {
    this.#meter ??= gpuMeter(this.#client);
    return this.#meter;
  }

  async flush(): Promise<void> {
    await this.#client.flushAll();
  }

  /** The engine itself ends with its last client, so with the last session at the latest. */
  async close(): Promise<void> {
    await this.#client.disconnect();
  }
}

function connectedClient(options: PredisEngineOptions): PredisClient {
  return asBenchErrors(() => {
    const client = new PredisClient(options);
    client.connectSync();
    return client;
  });
}

/** Attaches to the engine from the calling thread. @throws BenchError PREDIS_ENGINE when the engine is gone */
export function openPredisSession(spec: PredisSessionSpec): EngineSession {
  const client = attachClient(spec.handle);
  return spec.boundary === 'packed' ? new PackedPredisSession(client) : new PredisSession(client);
}

/** A client of the engine, for the calling thread. @throws BenchError PREDIS_ENGINE when the engine is gone */
export function attachClient(handle: SharedHandle): PredisClient {
  return asBenchErrors(() => {
    const client = new PredisClient({ attach: handle });
    client.connectSync();
    return client;
  });
}

/** Calls the synchronous form: it is the one that a caller who wants speed takes. */
export class PredisSession implements EngineSession {
  protected readonly client: PredisClient;

  constructor(client: PredisClient) {
    this.client = client;
  }

  get(key: string): string | null {
    try {
      return this.client.getSync(key);
    } catch (error) {
      throw asBenchError(error);
    }
  }

  put(key: string, value: string): void {
    asBenchErrors(() => {
      this.client.putSync(key, value);
    });
  }

  delete(key: string): boolean {
    try {
      return this.client.deleteSync(key);
    } catch (error) {
      throw asBenchError(error);
    }
  }

  increment(key: string, by: number): string {
    return asBenchErrors(() => this.client.incrementSync(key, by)).toString();
  }

  mget(keys: readonly string[]): (string | null)[] {
    try {
      return this.client.mgetSync(keys);
    } catch (error) {
      throw asBenchError(error);
    }
  }

  mput(keys: readonly string[], values: readonly string[]): void {
    asBenchErrors(() => {
      this.client.mputSync(keys, values);
    });
  }

  prefetch(keys: readonly string[]): void {
    this.client.prefetchSync(keys);
  }

  close(): Promise<void> {
    this.client.disconnectSync();
    return Promise.resolve();
  }
}

/** Calls the packed forms where there are any. The others serve what is asked outside of the window. */
class PackedPredisSession implements EngineSession {
  readonly #plain: PredisSession;
  readonly packed: PackedCalls;

  constructor(client: PredisClient) {
    this.#plain = new PredisSession(client);
    let out: PackedValues | undefined;
    this.packed = {
      mget: (keys) => {
        try {
          return (out = client.mgetPackedSync(keys, out));
        } catch (error) {
          throw asBenchError(error);
        }
      },
      mput: (keys, values) => {
        asBenchErrors(() => {
          client.mputPackedSync(keys, values);
        });
      },
      mdelete: (keys) => asBenchErrors(() => client.mdeletePackedSync(keys)),
    };
  }

  get(key: string): string | null {
    return this.#plain.get(key);
  }

  put(key: string, value: string): void {
    this.#plain.put(key, value);
  }

  delete(key: string): boolean {
    return this.#plain.delete(key);
  }

  increment(key: string, by: number): string {
    return this.#plain.increment(key, by);
  }

  mget(keys: readonly string[]): (string | null)[] {
    return this.#plain.mget(keys);
  }

  mput(keys: readonly string[], values: readonly string[]): void {
    this.#plain.mput(keys, values);
  }

  close(): Promise<void> {
    return this.#plain.close();
  }
}

/** Turns what makes the engine unusable into errors for the user; the failure of one request passes as it is. */
export function asBenchErrors<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw asBenchError(error);
  }
}

function asBenchError(error: unknown): unknown {
  return error instanceof PredisError ? (toBenchError(error) ?? error) : error;
}

function toBenchError(error: PredisError): BenchError | null {
  const { code, message } = error;
  if (code === 'ADDON_UNAVAILABLE') {
    return new BenchError('PREDIS_ADDON', `The Predis engine cannot be loaded: ${message}`, { cause: error });
  }
  if (code === 'GPU_FAILED') {
    return new BenchError('PREDIS_GPU_FAILED', `The GPU failed in the middle of the run: ${message}.`, {
      cause: error,
    });
  }
  if (code === 'ENGINE_UNAVAILABLE' || code === 'CLOSED') {
    return new BenchError('PREDIS_ENGINE', `The Predis engine cannot be used: ${message}.`, { cause: error });
  }
  if (code === 'OUT_OF_MEMORY') {
    return new BenchError('PREDIS_ENGINE', 'The Predis engine is out of memory.', {
      hint: 'Raise its memory limit, or run a smaller workload (--set keys=…).',
      cause: error,
    });
  }
  return null;
}
