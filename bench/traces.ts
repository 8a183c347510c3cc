import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/support/package-root.js';
import type { BenchRow } from './bench-row.js';

const KEYS = 200_000;
const CHUNK_ACCESSES = 1 << 18;
const MEGABYTES = [50, 200, 400, 800];
/** By which the memory may differ between the longest trace and one of a quarter of its length: noise of the collector. */
const LARGEST_GROWTH = 0.1;

/**
 * Memory of `predis-bench cachesim` for traces of growing length that are made as they are read, in a pipe: cache2k keys, LRU
 * and MIN. Beyond 64 MiB of accesses for each of trace and MIN nothing may grow.
 */
export async function run(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  const peaks: number[] = [];
  for (const megabytes of MEGABYTES) {
    const { peakBytes, seconds, hits } = await simulatePiped(megabytes * 1e6);
    peaks.push(peakBytes);
    const accesses = megabytes * 250_000;
    rows.push({
      name: `traces: peak memory of cachesim, ${String(megabytes)} MB piped`,
      value: peakBytes / 2 ** 20,
      unit: 'MiB',
      target: null,
      met: null,
      note: `${String(accesses)} accesses in ${seconds.toFixed(0)} s; hits of LRU and MIN: ${hits.join(', ')}`,
    });
  }
  const [longest = NaN] = peaks.slice(-1);
  const quarter = peaks[1] ?? NaN;
  rows.push({
    name: 'traces: growth of that memory from 200 to 800 MB',
    value: longest / quarter - 1,
    unit: 'of it',
    target: LARGEST_GROWTH,
    met: longest / quarter - 1 <= LARGEST_GROWTH,
    note: 'VmHWM of the process',
  });
  return rows;
}

async function simulatePiped(
  bytes: number,
): Promise<{ readonly peakBytes: number; readonly seconds: number; readonly hits: readonly number[] }> {
  const start = performance.now();
  const words = ['cachesim', '-', '--format', 'cache2k', '--sizes', '1%', '--policies', 'lru,min', '--json'];
  const child = spawn(process.execPath, [join(packageRoot, 'bin/predis-bench.js'), ...words], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const closed = once(child, 'close');
  let peakBytes = 0;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakOf(child.pid));
  }, 20);
  for (let written = 0, seed = 1; written < bytes;) {
    const chunk = Buffer.allocUnsafe(4 * Math.min(CHUNK_ACCESSES, (bytes - written) / 4));
    for (let at = 0; at < chunk.length; at += 4) {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      // the square of a uniform number: some keys are asked for far more often than others
      chunk.writeUInt32BE(Math.floor((seed / 2 ** 32) ** 2 * KEYS), at);
    }
    written += chunk.length;
    if (!child.stdin.write(chunk)) await once(child.stdin, 'drain');
  }
  child.stdin.end();
  await closed;
  clearInterval(timer);
  const { results } = JSON.parse(output) as { results: { hits: number }[] };
  return { peakBytes, seconds: (performance.now() - start) / 1000, hits: results.map(({ hits }) => hits) };
}

/** Largest resident memory so far, bytes; 0 when the process is gone. */
function peakOf(id: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${String(id)}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
