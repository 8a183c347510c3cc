/** What a client is made with, and the words that its calls share. */
import type { Bytes } from './packed.js';

/** A key: 1 byte to 64 KiB; a string is taken as UTF-8. */
export type Key = Bytes;
/** A value: 0 bytes to 512 MiB; a string is taken as UTF-8. */
export type Value = Bytes;

/** Which engine a client asks for: 'auto' takes the fastest one that this build has and this machine can run. */
export type EngineChoice = 'auto' | 'cpu' | 'cuda';

/** Names an engine of this process, for `attach`. Plain data: it can be posted to a worker thread. */
export interface SharedHandle {
  readonly kind: 'predis-engine';
  readonly engineId: number;
  readonly processId: number;
}

/** How to make, or find, the engine of a client. */
export interface PredisOptions {
  /** Default 'auto'. */
  readonly engine?: EngineChoice;
  /** Bytes of memory that the engine may take, index and overhead included; 0 (the default): no limit. */
  readonly memoryLimitBytes?: number;
  /** How many keys to make room for in advance; a hint, default 0. */
  readonly expectedKeys?: number;
  /** Use the engine of another client of this process (`share`) instead of a new one. Goes with no other option. */
  readonly attach?: SharedHandle;
}
