import { requestFailure } from './redis-errors.js';

/** Turns a reply (Buffer, decimal string, array of them, or null) into what the caller waits for. */
export type Decode<T> = (reply: unknown) => T;

const NO_ARGUMENTS: readonly never[] = [];

/**
 * One request in flight: the part of ioredis' `Command` that its queue and parser use, without what a measurement has no use
 * for (argument copies, transformers, timers, callbacks), which cost more than Redis takes to answer. The connection, the
 * queue and the parser stay ioredis'.
 */
export class RespRequest<T> {
  readonly name: string;
  /** ioredis looks here for key names and traces; the arguments are in the text already. */
  readonly args = NO_ARGUMENTS;
  /** Keeps ioredis from wrapping the promise for its diagnostics channel. */
  isTraced = true;
  readonly promise: Promise<T>;
  readonly #text: string;
  readonly #decode: Decode<T>;
  #fulfil!: (value: T) => void;
  #fail!: (error: Error) => void;

  /** @param name lower case, as ioredis compares it; @param text the request in RESP2 */
  constructor(name: string, text: string, decode: Decode<T>) {
    this.name = name;
    this.#text = text;
    this.#decode = decode;
    this.promise = new Promise<T>((resolve, reject) => {
      this.#fulfil = resolve;
      this.#fail = reject;
    });
  }

  /** Called by ioredis when the request is sent. */
  toWritable(): string {
    return this.#text;
  }

  /** Called by ioredis with the reply. */
  resolve(reply: unknown): void {
    this.#fulfil(this.#decode(reply));
  }

  /** Called by ioredis with an error reply or the loss of the connection. */
  reject(error: Error): void {
    this.#fail(requestFailure(error));
  }
}

/**
 * The beginning of a command in RESP2 (https://redis.io/docs/latest/develop/reference/protocol-spec/): an array of bulk
 * strings, of which the first is the name. `parameters` times `bulk` must follow.
 */
export function commandHeader(name: string, parameters: number): string {
  return `*${String(parameters + 1)}\r\n${bulk(name)}`;
}

/** A bulk string in RESP2. The text is ASCII, so its length in characters is its length in bytes. */
export function bulk(text: string): string {
  return `$${String(text.length)}\r\n${text}\r\n`;
}
