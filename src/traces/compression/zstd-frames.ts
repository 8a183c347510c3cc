import { malformed } from '../malformed.js';

/** Largest window that is unpacked, as in Node.js and in `zstd` without --long: a frame may ask for gigabytes. */
const LARGEST_WINDOW_BYTES = 1 << 27;
const FRAME_MAGIC = 0xfd2fb528;
const LONGEST_HEADER_BYTES = 18;
const CHECKSUM_BYTES = 4;

/**
 * Finds where the frames of zstd data begin and end, without unpacking them (RFC 8878, section 3.1), and reads what their
 * headers promise.
 */
export class ZstdFrames {
  /** Bytes taken of the compressed data. */
  offset = 0;
  /** Whether that frame holds no data of ours. */
  skippable = false;
  /** Of that frame's content, where the header tells it. */
  contentBytes: number | null = null;
  /** Low 32 bits of the content's XXH64, once the frame has ended; `null` where it carries none. */
  checksum: number | null = null;

  #state: 'magic' | 'header' | 'block' | 'checksum' | 'body' = 'magic';
  /** What follows the body that is being passed over. */
  #afterBody: 'block' | 'checksum' | 'end' = 'end';
  #bodyBytes = 0;
  #hasChecksum = false;
  /** Bytes of the field that is being read, of which `#wanted` make it whole. */
  readonly #field = Buffer.alloc(LONGEST_HEADER_BYTES);
  #fieldBytes = 0;
  #wanted = 4;

  /** Whether the frame that was taken from last goes on. */
  get open(): boolean {
    return this.#state !== 'magic' || this.#fieldBytes > 0;
  }

  /**
   * Takes bytes up to the end of `piece` or of a frame.
   *
   * @param piece 1 byte at least
   * @returns bytes taken; `open` tells whether the frame ended with them
   * @throws BenchError TRACE_MALFORMED
   */
  take(piece: Buffer): number {
    if (!this.open) {
      this.skippable = false;
      this.contentBytes = null;
      this.checksum = null;
    }
    let at = 0;
    do {
      if (this.#state === 'body') {
        const taken = Math.min(this.#bodyBytes, piece.length - at);
        this.#bodyBytes -= taken;
        at += taken;
        this.offset += taken;
        if (this.#bodyBytes === 0) this.#next(this.#afterBody);
        continue;
      }
      const taken = piece.copy(this.#field, this.#fieldBytes, at, at + this.#wanted - this.#fieldBytes);
      this.#fieldBytes += taken;
      at += taken;
      this.offset += taken;
      if (this.#fieldBytes === this.#wanted) this.#whole();
    } while (at < piece.length && this.open);
    return at;
  }

  /** A field is whole: what it says, and what comes after it. */
  #whole(): void {
    switch (this.#state) {
      case 'magic':
        this.#magic();
        break;
      case 'header':
        this.#header();
        break;
      case 'block':
        this.#block();
        break;
      case 'checksum':
        this.checksum = this.#field.readUInt32LE(0);
        this.#next('end');
        break;
      case 'body':
        break;
    }
  }

  #magic(): void {
    const magic = this.#field.readUInt32LE(0);
    this.skippable = (magic & 0xfffffff0) >>> 0 === 0x184d2a50;
    if (!this.skippable && magic !== FRAME_MAGIC) {
      throw malformed(
        `byte offset ${String(this.offset - 4)} of the compressed file`,
        `a zstd frame was expected, not the bytes ${this.#field.toString('hex', 0, 4)}: the file is damaged, or not zstd`,
      );
    }
    this.#state = 'header';
    // after a skippable frame's mark comes its size; after the other's a byte that tells how long the header is
    this.#wanted = this.skippable ? 8 : 5;
  }

  #header(): void {
    if (this.skippable) {
      this.#pass(this.#field.readUInt32LE(4), 'end');
      return;
    }
    const descriptor = this.#field.readUInt8(4);
    const single = (descriptor & 0x20) !== 0;
    const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
    const sizeKind = descriptor >> 6;
    const sizeBytes = sizeKind === 0 ? (single ? 1 : 0) : 1 << sizeKind;
    const headerBytes = 5 + (single ? 0 : 1) + dictionaryBytes + sizeBytes;
    if (this.#fieldBytes < headerBytes) {
      this.#wanted = headerBytes;
      return;
    }
    const sizeAt = headerBytes - sizeBytes;
    if (sizeBytes === 1) this.contentBytes = this.#field.readUInt8(sizeAt);
    else if (sizeBytes === 2) this.contentBytes = this.#field.readUInt16LE(sizeAt) + 256;
    else if (sizeBytes === 4) this.contentBytes = this.#field.readUInt32LE(sizeAt);
    else if (sizeBytes === 8) this.contentBytes = Number(this.#field.readBigUInt64LE(sizeAt));
    const windowCode = this.#field.readUInt8(5);
    this.#refuseWindow(
      single ? (this.contentBytes ?? 0) : 2 ** (10 + (windowCode >> 3)) * (1 + (windowCode & 7) / 8),
    );
    this.#hasChecksum = (descriptor & 4) !== 0;
    this.#next('block');
  }

  #block(): void {
    const header = this.#field.readUIntLE(0, 3);
    const runLength = ((header >> 1) & 3) === 1;
    const last = (header & 1) !== 0;
    this.#pass(runLength ? 1 : header >> 3, last ? (this.#hasChecksum ? 'checksum' : 'end') : 'block');
  }

  #pass(bytes: number, next: 'block' | 'checksum' | 'end'): void {
    if (bytes === 0) {
      this.#next(next);
      return;
    }
    this.#bodyBytes = bytes;
    this.#afterBody = next;
    this.#state = 'body';
  }

  #next(next: 'block' | 'checksum' | 'end'): void {
    this.#fieldBytes = 0;
    if (next === 'end') {
      this.#state = 'magic';
      this.#wanted = 4;
    } else {
      this.#state = next;
      this.#wanted = next === 'block' ? 3 : CHECKSUM_BYTES;
    }
  }

  /** Before memory is taken for it. */
  #refuseWindow(bytes: number): void {
    if (bytes <= LARGEST_WINDOW_BYTES) return;
    throw malformed(
      `byte offset ${String(this.offset - this.#fieldBytes + 4)} of the compressed file`,
      'a zstd window of 128 MiB at most was expected; unpack it first (zstd -d --long=31)',
    );
  }
}
