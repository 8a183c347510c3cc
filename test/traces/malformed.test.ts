import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';

import type { ErrorCode } from '../../src/errors.js';
import { readTrace, type ReadOptions } from '../../src/traces/index.js';
import { temporaryFolder } from '../cli/support.js';
import { Notes, read, rejects } from './reading.js';
import {
  writeCache2k,
  writeMooncake,
  writeOracleGeneral,
  writeTwitter,
  type WrittenRequest,
} from './writers.js';

const folder = temporaryFolder();
after(folder.remove);

const written: WrittenRequest[] = [5, 6, 9, 9, 30].map((seconds, index) => ({
  timeMs: 1000 * seconds,
  accesses: [{ key: String(index % 3), size: 10, operation: 'get' }],
}));
const backwards = [
  ...written.slice(0, 3),
  { ...written[3], timeMs: 4000, accesses: written[3]?.accesses ?? [] },
];
const azure = 'TIMESTAMP,ContextTokens,GeneratedTokens\n';

describe('a trace that does not go on as its format demands: where, and what was expected', () => {
  const cases: readonly [
    name: string,
    content: Buffer | string,
    options: ReadOptions,
    code: ErrorCode,
    parts: readonly RegExp[],
  ][] = [
    [
      'cache2k, cut off',
      writeCache2k(written).subarray(0, 18),
      {},
      'TRACE_MALFORMED',
      [/byte offset 16/, /4 bytes/, /2 follow/],
    ],
    [
      'cache2k, less than a key',
      Buffer.from([0, 0]),
      { format: 'cache2k' },
      'TRACE_MALFORMED',
      [/byte offset 0/],
    ],
    [
      'oracleGeneral, cut off',
      writeOracleGeneral(written).subarray(0, 100),
      {},
      'TRACE_MALFORMED',
      [/byte offset 96/, /24 bytes/],
    ],
    [
      'oracleGeneral, unsorted',
      writeOracleGeneral(backwards),
      {},
      'TRACE_MALFORMED',
      [/byte offset 72/, /4 s lies before 9 s/, /--ignore-times/],
    ],
    [
      'twitter, cut off',
      writeTwitter(written).subarray(0, -9),
      {},
      'TRACE_MALFORMED',
      [/line 5/, /seven fields/],
    ],
    ['twitter, unsorted', writeTwitter(backwards), {}, 'TRACE_MALFORMED', [/line 4/, /4 s lies before 9 s/]],
    [
      'twitter, another operation',
      '1,k,1,5,1,get,0\n1,k,1,5,1,fetch,0\n',
      {},
      'TRACE_MALFORMED',
      [/line 2/, /fetch/],
    ],
    [
      'mooncake, cut off',
      writeMooncake(written).subarray(0, -12),
      {},
      'TRACE_MALFORMED',
      [/line 5/, /JSON object/],
    ],
    [
      'mooncake, cut off in its first line',
      '{"timestamp": 0, "hash_ids": [1, 2',
      {},
      'TRACE_MALFORMED',
      [/line 1/, /JSON object/],
    ],
    [
      'mooncake, unsorted',
      writeMooncake(backwards),
      {},
      'TRACE_MALFORMED',
      [/line 4/, /4000 ms lies before 9000 ms/],
    ],
    [
      'mooncake, a block that is none',
      '{"timestamp":1,"hash_ids":[1]}\n{"timestamp":1,"hash_ids":[1.5]}',
      {},
      'TRACE_MALFORMED',
      [/line 2/, /whole numbers/],
    ],
    ['arc, cut off', '1 2 0 1\n5 6', {}, 'TRACE_MALFORMED', [/line 2/, /four whole numbers/, /'5 6'/]],
    ['arc, a letter', '1 2 0 1\n\n5 x 0 2\n', {}, 'TRACE_MALFORMED', [/line 3/]],
    ['arc, a run of a billion blocks', '1 1000000000 0 1\n', {}, 'TRACE_MALFORMED', [/line 1/, /1048576/]],
    [
      'azure, cut off',
      `${azure}2023-11-16 18:15:46.68,4808,10\n2023-11-16 18:1`,
      {},
      'TRACE_MALFORMED',
      [/line 3/, /date and time/],
    ],
    [
      'azure, unsorted',
      `${azure}2023-11-16 18:15:46.68,1,1\n2023-11-16 18:15:46.67,1,1`,
      {},
      'TRACE_MALFORMED',
      [/line 3/, /lies before/],
    ],
    ['azure, a day that is none', `${azure}2023-11-46 18:15:46.68,1,1\n`, {}, 'TRACE_MALFORMED', [/line 2/]],
    ['csv, cut off', 'time,id,size\n1,a,2\n2,b\n', {}, 'TRACE_MALFORMED', [/line 3/, /3 fields/, /not 2/]],
    [
      'csv, unsorted',
      'time,id\n2.5,a\n2.25,b\n',
      {},
      'TRACE_MALFORMED',
      [/line 3/, /2\.25 s lies before 2\.5 s/],
    ],
    ['csv, no time', 'time,id\nsoon,a\n', {}, 'TRACE_MALFORMED', [/line 2/, /column 1/]],
    ['csv, no size', 'id,size\na,-3\n', {}, 'TRACE_MALFORMED', [/line 2/, /column 2/, /bytes/]],
    ['csv, an empty key', 'time,id\n1,\n', {}, 'TRACE_MALFORMED', [/line 2/, /a key/]],
    ['csv, a key of 20 KB', `id\n${'k'.repeat(20_000)}\n`, {}, 'TRACE_MALFORMED', [/line 2/, /16384/]],
    [
      'csv, columns that nobody knows',
      '1,2,3,4,5\n',
      { format: 'csv' },
      'TRACE_MALFORMED',
      [/line 1/, /5 columns/, /--columns/],
    ],
    [
      'a table of another format',
      'time,id\n1,a\n',
      { format: 'arc' },
      'TRACE_MALFORMED',
      [/line 1/, /four whole numbers/],
    ],
    [
      'a line without end',
      Buffer.alloc(17 << 20, 'x'),
      { format: 'arc' },
      'TRACE_MALFORMED',
      [/line 1/, /16 MiB/],
    ],
    ['empty', '', {}, 'TRACE_EMPTY', [/sample/]],
    ['a header alone', 'time,id\n', {}, 'TRACE_EMPTY', []],
    ['blank lines alone', '\n\n\n', { format: 'arc' }, 'TRACE_EMPTY', []],
    [
      'prose',
      'Once upon a midnight dreary, while I pondered, weak and weary\n',
      {},
      'TRACE_FORMAT',
      [/'Once upon/, /line 1/],
    ],
    ['JSON that is no trace', '{"schemaVersion":2}\n', {}, 'TRACE_FORMAT', [/schemaVersion/]],
    [
      'bytes that are no keys',
      Buffer.from(Array.from({ length: 999 }, (_, at) => (at * at * 7919) >>> 3)),
      {},
      'TRACE_FORMAT',
      [/the bytes [0-9a-f]{32}/],
    ],
    ['records of another program', vscsi(), {}, 'TRACE_FORMAT', []],
  ];
  for (const [name, content, options, code, parts] of cases) {
    it(name, () => rejects(read(Buffer.from(content), options), code, ...parts));
  }

  it('with --ignore-times an unsorted trace is taken in the order of the file', async () => {
    await read(writeTwitter(backwards), { ignoreTimes: true });
  });

  it('hostile bytes do not reach the terminal', async () => {
    await rejects(
      read(Buffer.from('1 2 0 1\n\u001b[2J 2 0 1\n'), { format: 'arc' }),
      'TRACE_MALFORMED',
      /^[\x20-\x7e…]*$/,
    );
  });
});

/** Records of eight little-endian fields, as other tools write them. */
function vscsi(): Buffer {
  const records = Array.from({ length: 500 }, (_, at) => {
    const record = Buffer.alloc(32);
    record.writeUInt32LE(at, 0);
    record.writeUInt32LE(512 * (1 + (at % 9)), 4);
    record.writeUInt32LE(1, 8);
    record.writeUInt16LE(0x2a, 12);
    record.writeUInt32LE((at * at) % 70_000, 16);
    record.writeUInt32LE(0x8f000000 + 977 * at, 24);
    return record;
  });
  return Buffer.concat(records);
}

describe('a file that is no trace', () => {
  const unreadable = (path: string, ...parts: RegExp[]): Promise<void> =>
    rejects(readTrace(path, new Notes()), 'TRACE_UNREADABLE', ...parts);

  it('is not there, is a folder, is a device', async () => {
    await unreadable(join(folder.path, 'nowhere'), /nowhere/, /no such file/);
    await unreadable(folder.path, /a folder/);
    await unreadable('/dev/zero', /neither a file nor a pipe/);
  });

  it('is empty, as it is or packed', async () => {
    const path = join(folder.path, 'empty');
    writeFileSync(path, '');
    await rejects(readTrace(path, new Notes()), 'TRACE_EMPTY', /empty/);
    writeFileSync(path, gzipSync(''));
    await rejects(readTrace(path, new Notes()), 'TRACE_EMPTY', /empty/);
  });

  it('is an archive', async () => {
    const inside = join(folder.path, 'inside');
    mkdirSync(inside);
    writeFileSync(join(inside, 'a.lis'), '1 2 0 1\n');
    const archive = join(folder.path, 'a.tar');
    execFileSync('tar', ['-cf', archive, '-C', inside, 'a.lis']);
    await rejects(readTrace(archive, new Notes()), 'TRACE_FORMAT', /a tar archive: unpack it first/);
  });
});
