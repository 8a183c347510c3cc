/** Small writers of every trace format: what the readers are tested against. */

/** One access as a writer is told of it. */
export interface WrittenAccess {
  /** Decimal digits, or text where the format takes text. */
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Of a memcached operation. */
  readonly operation: string;
}

/** Accesses that came together. */
export interface WrittenRequest {
  /** Milliseconds since an origin. */
  readonly timeMs: number;
  readonly accesses: readonly WrittenAccess[];
}

const accessesOf = (requests: readonly WrittenRequest[]): (WrittenAccess & { timeMs: number })[] =>
  requests.flatMap(({ timeMs, accesses }) => accesses.map((access) => ({ ...access, timeMs })));

const seconds = (timeMs: number): number => Math.floor(timeMs / 1000);

export function writeCache2k(requests: readonly WrittenRequest[]): Buffer {
  const keys = accessesOf(requests).map(({ key }) => Number(key));
  const bytes = Buffer.alloc(4 * keys.length);
  keys.forEach((key, index) => bytes.writeUInt32BE(key, 4 * index));
  return bytes;
}

/** Runs of ascending keys become one line. */
export function writeArc(runs: readonly { readonly first: number; readonly count: number }[]): Buffer {
  return Buffer.from(
    runs.map(({ first, count }, index) => [first, count, 0, index].join(' ') + '\n').join(''),
  );
}

export function writeOracleGeneral(requests: readonly WrittenRequest[]): Buffer {
  const accesses = accessesOf(requests);
  const bytes = Buffer.alloc(24 * accesses.length);
  accesses.forEach(({ key, size, timeMs }, index) => {
    const next = accesses.findIndex((later, at) => at > index && later.key === key);
    const at = bytes.writeUInt32LE(seconds(timeMs), 24 * index);
    bytes.writeBigUInt64LE(BigInt(key), at);
    bytes.writeUInt32LE(size, at + 8);
    bytes.writeBigInt64LE(next < 0 ? -1n : BigInt(next + 1), at + 12);
  });
  return bytes;
}

export function writeTwitter(requests: readonly WrittenRequest[]): Buffer {
  const lines = accessesOf(requests).map(({ key, size, operation, timeMs }) => {
    const ttl = operation === 'set' ? 60 : 0;
    return [seconds(timeMs), key, key.length, size, 7, operation, ttl].join(',') + '\n';
  });
  return Buffer.from(lines.join(''), 'latin1');
}

export function writeMooncake(requests: readonly WrittenRequest[]): Buffer {
  const lines = requests.map(({ timeMs, accesses }) =>
    JSON.stringify({
      timestamp: timeMs,
      input_length: 512 * accesses.length,
      output_length: 9,
      hash_ids: accesses.map(({ key }) => Number(key)),
    }),
  );
  return Buffer.from(`${lines.join('\n')}\n`);
}

export function writeAzureLlm(requests: readonly WrittenRequest[]): Buffer {
  const lines = requests.map(({ timeMs }) => {
    const time = new Date(timeMs).toISOString().replace('T', ' ').replace('Z', '0000');
    return `${time},4808,10\n`;
  });
  return Buffer.from(`TIMESTAMP,ContextTokens,GeneratedTokens\n${lines.join('')}`);
}

/** How a table is laid out. */
export interface TableLayout {
  readonly columns: readonly ('time' | 'id' | 'size' | 'op' | 'other')[];
  readonly delimiter: string;
  readonly header: boolean;
  readonly lineEnd: '\n' | '\r\n';
}

export function writeTable(requests: readonly WrittenRequest[], layout: TableLayout): Buffer {
  const { columns, delimiter, header, lineEnd } = layout;
  const lines = accessesOf(requests).map(({ key, size, operation, timeMs }) => {
    const fields = {
      time: (timeMs / 1000).toFixed(3),
      id: key,
      size: String(size),
      op: operation,
      other: '1',
    };
    return columns.map((column) => fields[column]).join(delimiter);
  });
  const all = header ? [columns.join(delimiter), ...lines] : lines;
  return Buffer.from(all.map((line) => line + lineEnd).join(''), 'latin1');
}
