import type { EngineSession } from '../src/engines/engine.js';
import { monotonicClock } from '../src/measure/clock.js';
import { Driver } from '../src/measure/driver.js';
import { KeyStrings, prepareLane } from '../src/measure/program.js';
import { Verifier } from '../src/measure/verifier.js';
import { WindowRecorder } from '../src/measure/window-recorder.js';
import { WriteIndex } from '../src/measure/write-index.js';
import { resolveParameters } from '../src/workloads/parameters.js';
import { findWorkload } from '../src/workloads/registry.js';
import type { BenchRow } from './bench-row.js';

/** An engine that does nothing: what remains is the driver. Reads answer with what is asked of them to be right. */
class NothingSession implements EngineSession {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  get(): string {
    return this.#value;
  }
  put(): void {
    return undefined;
  }
  delete(): boolean {
    return true;
  }
  increment(): string {
    return '0';
  }
  mget(keys: readonly string[]): string[] {
    return keys.map(() => this.#value);
  }
  mput(): void {
    return undefined;
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

class MapSession extends NothingSession {
  readonly #map: Map<string, string>;

  constructor(map: Map<string, string>) {
    super('');
    this.#map = map;
  }

  override get(key?: string): string {
    return this.#map.get(key ?? '') ?? '';
  }
  override put(key?: string, value?: string): void {
    this.#map.set(key ?? '', value ?? '');
  }
}

const WINDOW_MS = 1500;
const UNVERIFIED = 0x7fffffff;

/** Nanoseconds that the driver adds to one operation: zipfian stream, single operations, one lane, depth 1. */
export async function run(): Promise<BenchRow[]> {
  const workload = findWorkload('zipfian');
  const [workloadCase] = workload.cases(resolveParameters(workload, { keys: 10_000, operations: 200_000 }));
  if (workloadCase === undefined) throw new Error('zipfian has no case');
  const { keySpace } = workloadCase;
  const stream = workloadCase.generate(1);
  const program = prepareLane(stream, new KeyStrings(keySpace), 1, 0);
  const writes = new WriteIndex(stream, keySpace.size, 1);

  const drive = async (session: EngineSession, verifyEvery: number): Promise<number> => {
    const verifier = new Verifier(keySpace, writes, 1);
    const recorder = new WindowRecorder(100, 20);
    const driver = new Driver(
      {
        stream,
        lanes: [{ program, session, lastWrites: new Uint32Array(keySpace.size) }],
        pipelineDepth: 1,
        verifyEvery,
        verifier,
        clock: monotonicClock,
        aborted: () => false,
      },
      recorder,
    );
    await driver.run(WINDOW_MS / 3, new WindowRecorder(100, 20));
    await driver.run(WINDOW_MS, recorder);
    if (verifyEvery !== UNVERIFIED && verifier.wrong > 0) throw new Error(verifier.examples[0]);
    return ((recorder.lastEndMs - recorder.firstStartMs) * 1e6) / recorder.operations;
  };

  const filled = (): Map<string, string> => {
    const map = new Map<string, string>();
    for (let index = 0; index < keySpace.size; index++)
      map.set(keySpace.key(index), keySpace.value(index, 0));
    return map;
  };
  const bare = bareLoop(program.key, program.value, program.shape, filled());
  const nothing = await drive(new NothingSession(keySpace.value(0, 0)), UNVERIFIED);
  const unverified = await drive(new MapSession(filled()), UNVERIFIED);
  const verified = await drive(new MapSession(filled()), 16);
  const row = (name: string, value: number, target: number | null, note: string): BenchRow => ({
    name,
    value: Math.round(value * 10) / 10,
    unit: 'ns/op',
    target,
    met: target === null ? null : value <= target,
    note,
  });
  return [
    row('driver on an engine that does nothing', nothing, 150, 'clock and histogram included'),
    row('driver on a Map, added to the bare loop', unverified - bare, 150, `bare loop ${bare.toFixed(0)} ns`),
    row('the same, one read in 16 verified', verified - bare, 200, 'as in a run'),
  ];
}

/** The same operations on the same kind of map with nothing around them. */
function bareLoop(
  keys: readonly string[],
  values: readonly string[],
  shapes: Uint8Array,
  map: Map<string, string>,
): number {
  let operations = 0;
  let found = 0;
  const pass = (): void => {
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at] ?? '';
      if (shapes[at] === 0) found += (map.get(key) ?? '').length;
      else map.set(key, values[at] ?? '');
    }
    operations += keys.length;
  };
  pass();
  operations = 0;
  const start = monotonicClock();
  while (monotonicClock() - start < WINDOW_MS) pass();
  const elapsedMs = monotonicClock() - start;
  if (found === 0) throw new Error('nothing was read');
  return (elapsedMs * 1e6) / operations;
}
