import type { Redis } from 'ioredis';

/**
 * Gathers the commands of one turn of the event loop and writes them as one string. Promise continuations run before
 * `process.nextTick` callbacks, so every lane that one read from the socket has woken gets its next command into the same
 * write. ioredis' own auto-pipelining waits for `setImmediate` and for the previous pipeline to finish, which costs latency;
 * docs/decisions/redis-session.md has the measurements.
 *
 * It is what ioredis calls a pipeline stream: `sendCommand(command, sink)` writes the command here and books its reply.
 */
export class RequestSink {
  readonly isPipeline = true;
  readonly destination: { readonly redis: Redis };
  #gathered = '';
  readonly #flush = (): void => {
    const text = this.#gathered;
    this.#gathered = '';
    const { stream } = this.destination.redis;
    // A closed stream has failed every booked request already; writing to it would only raise a second error.
    if (stream.writable) stream.write(text, 'latin1');
  };

  constructor(redis: Redis) {
    this.destination = { redis };
  }

  write(text: string | Buffer): boolean {
    if (this.#gathered === '') process.nextTick(this.#flush);
    this.#gathered += typeof text === 'string' ? text : text.toString('latin1');
    return true;
  }
}
