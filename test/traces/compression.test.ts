import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import fc from 'fast-check';

import { BenchError } from '../../src/errors.js';
import { XxHash64 } from '../../src/traces/compression/xxhash64.js';
import { unpackZstd } from '../../src/traces/compression/zstd.js';
import { readTrace, type TraceCompression } from '../../src/traces/index.js';
import { temporaryFolder } from '../cli/support.js';
import { Notes, rejects } from './reading.js';
import { xxHash64 } from './xxhash64-model.js';
import { packedSample, sample } from './zstd-sample.js';

const folder = temporaryFolder();
after(folder.remove);

function file(name: string, bytes: Buffer): string {
  const path = join(folder.path, name);
  writeFileSync(path, bytes);
  return path;
}

const checksum = (content: Buffer): number => Number(BigInt.asUintN(32, xxHash64(content)));

/** A zstd frame of raw blocks: packed without being made smaller. */
function zstdStored(content: Buffer, blockBytes: number): Buffer {
  const header = Buffer.alloc(9);
  header.writeUInt32LE(0xfd2fb528);
  header.writeUInt8(0xa4, 4); // content size in four bytes, one segment, a checksum
  header.writeUInt32LE(content.length, 5);
  const blocks: Buffer[] = [];
  for (let at = 0; at === 0 || at < content.length; at += blockBytes) {
    const block = content.subarray(at, at + blockBytes);
    const last = at + blockBytes >= content.length;
    const blockHeader = Buffer.alloc(3);
    blockHeader.writeUIntLE((block.length << 3) | (last ? 1 : 0), 0, 3);
    blocks.push(blockHeader, block);
  }
  const end = Buffer.alloc(4);
  end.writeUInt32LE(checksum(content));
  return Buffer.concat([header, ...blocks, end]);
}

function zstdSkippable(content: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(0x184d2a53);
  header.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, content]);
}

async function unpack(packed: Buffer, pieceBytes: readonly number[]): Promise<Buffer> {
  async function* pieces(): AsyncGenerator<Buffer> {
    await Promise.resolve();
    for (let at = 0, turn = 0; at < packed.length; turn++) {
      const bytes = pieceBytes[turn % pieceBytes.length] ?? 1;
      yield packed.subarray(at, at + bytes);
      at += bytes;
    }
  }
  const unpacked: Buffer[] = [];
  for await (const piece of unpackZstd(pieces())) unpacked.push(piece);
  return Buffer.concat(unpacked);
}

describe('a compressed trace', () => {
  const packers: Readonly<Record<TraceCompression, (bytes: Buffer) => Buffer>> = {
    none: (bytes) => bytes,
    gzip: (bytes) => gzipSync(bytes),
    brotli: (bytes) => brotliCompressSync(bytes),
    zstd: (bytes) => zstdStored(bytes, 1000),
  };

  for (const [compression, pack] of Object.entries(packers)) {
    it(`${compression} is told by its content, and undone`, async () => {
      const { facts } = await readTrace(file(`plain-name-${compression}`, pack(sample)), new Notes());
      assert.equal(facts.compression, compression);
      assert.deepEqual([facts.format, facts.requests, facts.accesses], ['arc', 300, 600]);
    });
  }

  it('gzip in several members is one trace', async () => {
    const members = [sample.subarray(0, 1000), sample.subarray(1000)].map((part) => gzipSync(part));
    const { facts } = await readTrace(file('members.gz', Buffer.concat(members)), new Notes());
    assert.equal(facts.requests, 300);
  });

  it('a limit leaves the rest of the packed file to be hashed alone', async () => {
    const path = file('limited.gz', gzipSync(sample));
    const [all, some] = [
      await readTrace(path, new Notes()),
      await readTrace(path, new Notes(), { limit: 7 }),
    ];
    assert.equal(some.facts.accesses, 7);
    assert.equal(some.facts.sha256, all.facts.sha256);
    assert.equal(some.facts.bytes, all.facts.bytes);
  });

  it('cut off at any place is refused, wherever it was cut', async () => {
    for (const [name, pack] of Object.entries(packers)) {
      if (name === 'none') continue;
      const packed = name === 'zstd' ? packedSample : pack(sample);
      for (const share of [0.2, 0.5, 0.99]) {
        const path = file(
          `cut.${name === 'brotli' ? 'br' : name}`,
          packed.subarray(0, packed.length * share),
        );
        await rejects(
          readTrace(path, new Notes()),
          'TRACE_MALFORMED',
          /byte offset \d+/,
          /cut off or damaged/,
        );
      }
    }
  });

  it('damaged is refused where the compression has a checksum: no bit that is turned changes what is read', async () => {
    const intact = new Notes();
    await readTrace(file('intact', sample), intact);
    for (const packed of [gzipSync(sample), packedSample, zstdStored(sample, 500)]) {
      let refused = 0;
      for (let at = 10; at < packed.length; at += 7) {
        const damaged = Buffer.from(packed);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << (at & 7));
        const notes = new Notes();
        try {
          await readTrace(file('damaged', damaged), notes);
        } catch (error) {
          refused++;
          assert.ok(error instanceof BenchError && error.code === 'TRACE_MALFORMED', String(error));
          continue;
        }
        // a bit of a code that is never used
        assert.deepEqual(notes.requests(String), intact.requests(String), `byte ${String(at)}`);
      }
      assert.ok(refused > (0.9 * packed.length) / 7, `${String(refused)} of ${String(packed.length)} bytes`);
    }
    const damaged = brotliCompressSync(sample).fill(0xff, 100, 140);
    await rejects(readTrace(file('damaged.br', damaged), new Notes()), 'TRACE_MALFORMED', /brotli/);
  });

  it('of another compression than was said is refused', async () => {
    const brotli = brotliCompressSync(sample);
    for (const compression of ['gzip', 'zstd'] as const) {
      await rejects(
        readTrace(file('wrong', brotli), new Notes(), { compression }),
        'TRACE_MALFORMED',
        /byte offset \d+ of the compressed file/,
        new RegExp(compression),
      );
    }
    await rejects(
      readTrace(file('no.br', sample), new Notes()),
      'TRACE_MALFORMED',
      /brotli data were expected/,
    );
    await rejects(
      readTrace(file('xz', Buffer.from('fd377a585a000004', 'hex')), new Notes()),
      'TRACE_FORMAT',
      /an xz file: unpack it first/,
    );
  });
});

describe('zstd', () => {
  it('unpacks what the zstd program packed', async () => {
    assert.deepEqual(await unpack(packedSample, [packedSample.length]), sample);
  });

  it('unpacks frames one after the other, skips what is none of ours, in pieces of any size', async () => {
    const part = fc.oneof(
      fc.record({
        content: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
        block: fc.integer({ min: 1, max: 150 }),
      }),
      fc.constant('sample'),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => zstdSkippable(Buffer.from(bytes))),
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), sizes, async (parts, pieces) => {
        const packed = parts.map((one) => {
          if (one === 'sample') return packedSample;
          return Buffer.isBuffer(one)
            ? one
            : 'block' in one
              ? zstdStored(one.content, one.block)
              : Buffer.alloc(0);
        });
        const content = parts.map((one) => {
          if (one === 'sample') return sample;
          return typeof one === 'object' && 'content' in one ? one.content : Buffer.alloc(0);
        });
        assert.deepEqual(await unpack(Buffer.concat(packed), pieces), Buffer.concat(content));
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  it('refuses a window of gigabytes before it takes the memory', async () => {
    const huge = Buffer.from(packedSample.subarray(0, 40));
    huge.set([0x00, 0xa8], 4); // no single segment, a window of 2^31 bytes
    await rejects(unpack(huge, [40]), 'TRACE_MALFORMED', /window of 128 MiB/, /offset 4/);
  });

  it('refuses what follows the last frame and is none', async () => {
    const trailing = Buffer.concat([packedSample, Buffer.from('more')]);
    await rejects(unpack(trailing, [99]), 'TRACE_MALFORMED', /a zstd frame was expected/);
  });
});

describe('XXH64', () => {
  const low = (text: string): number => {
    const hash = new XxHash64();
    hash.update(Buffer.from(text));
    return hash.low();
  };

  it('gives the published answers', () => {
    assert.equal(low(''), 0x51d8e999);
    assert.equal(low('a'), 0xa98c6e5b);
    assert.equal(low('abc'), 0xad770999);
    assert.equal(low('Nobody inspects the spammish repetition'), 0x8a378bf1);
  });

  it('agrees with the specification for any bytes in any pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 6 }), (pieces) => {
        const hash = new XxHash64();
        for (const piece of pieces) hash.update(Buffer.from(piece));
        assert.equal(hash.low(), checksum(Buffer.concat(pieces)));
      }),
      { seed: 4, numRuns: 500 },
    );
  });
});
