/** Cuts pieces of any size into records of one length, with no copy but for records that lie across two pieces. */
export class FixedRecords {
  /** Bytes of the last, incomplete record. */
  rest = 0;
  /** Byte offset of the next record. */
  offset = 0;
  readonly #recordBytes: number;
  readonly #onRecord: (bytes: Buffer, at: number, offset: number) => void;
  readonly #stopped: () => boolean;
  readonly #partial: Buffer;

  /**
   * @param onRecord gets a record's place in a buffer that is valid during the call only, and its offset in the trace
   * @param stopped asked after each record; true ends the work
   */
  constructor(
    recordBytes: number,
    onRecord: (bytes: Buffer, at: number, offset: number) => void,
    stopped: () => boolean,
  ) {
    this.#recordBytes = recordBytes;
    this.#onRecord = onRecord;
    this.#stopped = stopped;
    this.#partial = Buffer.alloc(recordBytes);
  }

  push(chunk: Buffer): void {
    const size = this.#recordBytes;
    let at = 0;
    if (this.rest > 0) {
      at = Math.min(size - this.rest, chunk.length);
      chunk.copy(this.#partial, this.rest, 0, at);
      this.rest += at;
      if (this.rest < size) return;
      this.rest = 0;
      this.#emit(this.#partial, 0);
    }
    for (; at + size <= chunk.length; at += size) {
      if (this.#stopped()) return;
      this.#emit(chunk, at);
    }
    this.rest = chunk.copy(this.#partial, 0, at);
  }

  #emit(bytes: Buffer, at: number): void {
    this.#onRecord(bytes, at, this.offset);
    this.offset += this.#recordBytes;
  }
}
