import { createRandom } from '../src/support/random.js';
import { createZipf } from '../src/workloads/distributions/zipf.js';
import { resolveParameters } from '../src/workloads/parameters.js';
import { workloads } from '../src/workloads/registry.js';
import { describeStream } from '../src/workloads/stream.js';
import type { KeySpace, WorkloadCase } from '../src/workloads/workload.js';
import type { BenchRow } from './bench-row.js';

const REPEATS = 7;
const TARGET_STREAM = 10e6;
const TARGET_VALUES = 2e6;
const TARGET_HASH = 1e6;

/**
 * How fast streams are made: each generator, the Zipf sampler under it, values, and hash with facts. Rates are those of the
 * fastest of several runs: other programs on the machine can only slow a run down.
 */
export function run(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const workload of workloads) {
    for (const workloadCase of workload.cases(resolveParameters(workload, {}))) {
      const name = workload.name === workloadCase.id ? workload.name : `${workload.name}/${workloadCase.id}`;
      rows.push(generatorRow(name, workloadCase));
    }
  }
  for (const exponent of [0.5, 0.99, 1, 1.2]) rows.push(zipfRow(exponent));
  for (const workload of workloads) {
    const [first] = workload.cases(resolveParameters(workload, {}));
    if (first === undefined) continue;
    rows.push(valuesRow(workload.name, first.keySpace), hashRow(workload.name, first));
  }
  return Promise.resolve(rows);
}

/** `work` does something `count` times; the best rate of several runs, per second. */
function bestRate(work: () => number): number {
  let best = 0;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const start = process.hrtime.bigint();
    const count = work();
    best = Math.max(best, count / (Number(process.hrtime.bigint() - start) / 1e9));
  }
  return best;
}

function row(name: string, value: number, unit: string, target: number | null, note: string): BenchRow {
  return { name, value, unit, target, met: target === null ? null : value >= target, note };
}

function generatorRow(name: string, workloadCase: WorkloadCase): BenchRow {
  let first = '';
  const rate = bestRate(() => {
    const { keyIndex } = workloadCase.generate(1);
    first = keyIndex.subarray(0, 6).join(', ');
    return keyIndex.length;
  });
  return row(`generate ${name}`, rate, 'operations/s', TARGET_STREAM, `keys at seed 1: ${first}, …`);
}

function zipfRow(exponent: number): BenchRow {
  const draws = new Uint32Array(1_000_000);
  const rate = bestRate(() => {
    const next = createZipf(100_000, exponent, createRandom(1));
    for (let index = 0; index < draws.length; index++) draws[index] = next();
    return draws.length;
  });
  const note = `ranks at seed 1: ${draws.subarray(0, 10).join(', ')}, …`;
  return row(`Zipf ${String(exponent)} of 100,000 ranks`, rate, 'draws/s', null, note);
}

/** Includes writing the text to a buffer: JavaScript puts concatenated strings together only when somebody reads them. */
function valuesRow(name: string, keySpace: KeySpace): BenchRow {
  const values = 300_000;
  const buffer = Buffer.alloc(4_096);
  let bytes = 0;
  const rate = bestRate(() => {
    bytes = 0;
    for (let made = 0; made < values; made++) {
      bytes += buffer.write(keySpace.value(made % keySpace.size, made), 'latin1');
    }
    return values;
  });
  const note = `${(bytes / values).toFixed(1)} bytes a value, written to a buffer`;
  return row(`values of ${name}`, rate, 'values/s', TARGET_VALUES, note);
}

function hashRow(name: string, workloadCase: WorkloadCase): BenchRow {
  const stream = workloadCase.generate(1);
  let sha256 = '';
  const rate = bestRate(() => {
    sha256 = describeStream(workloadCase, stream).sha256;
    return stream.kind.length;
  });
  return row(`hash and describe ${name}`, rate, 'operations/s', TARGET_HASH, `seed 1: ${sha256}`);
}
