import { OperationKind, type OperationStream, type Workload } from '../../../src/workloads/workload.js';
import { StreamBuilder } from '../../../src/workloads/stream-builder.js';
import type { KeySpace } from '../../../src/workloads/workload.js';

/** Keys `k0`, `k1`, …; values `v<version>:<key index>:…` padded to 24 characters. */
export function plainKeySpace(size: number): KeySpace {
  return {
    size,
    key: (index) => `k${String(index)}`,
    value: (index, version) => `v${String(version)}:${String(index)}:`.padEnd(24, 'x'),
    versionOf: (text) => Number(/^v(\d+):/.exec(text)?.[1] ?? -1),
  };
}

/** Counters: each key is loaded with `0`. */
export function counterKeySpace(size: number): KeySpace {
  return { ...plainKeySpace(size), value: () => '0', versionOf: () => -1 };
}

type Step =
  readonly ['get' | 'put' | 'delete' | 'increment', number] | readonly ['mget' | 'mput', readonly number[]];

/** A stream spelt out. */
export function streamOf(keys: number, steps: readonly Step[]): OperationStream {
  const builder = new StreamBuilder(keys, 16);
  for (const [name, target] of steps) {
    const kind = OperationKind[name === 'mget' ? 'get' : name === 'mput' ? 'put' : name];
    for (const key of typeof target === 'number' ? [target] : target) builder.append(kind, key);
    builder.endRequest();
  }
  return builder.build();
}

/** Put, get, mput of three, mget of three; every key in turn. */
export const mixed: Workload = {
  name: 'mixed',
  summary: 'For tests',
  derivedFrom: 'Synthetic',
  parameters: [],
  cases: () => [
    {
      id: 'mixed',
      label: 'put, get, mput, mget',
      keySpace: plainKeySpace(50),
      generate: (seed) => {
        const steps: Step[] = [];
        for (let i = 0; i < 50; i++) {
          const key = (i * 7 + seed) % 50;
          const three = [key, (key + 1) % 50, (key + 2) % 50];
          steps.push(['put', key], ['get', key], ['mput', three], ['mget', three]);
        }
        return streamOf(50, steps);
      },
    },
  ],
};

/** Two cases, reads only. */
export const pair: Workload = {
  ...mixed,
  name: 'pair',
  cases: () =>
    ['small', 'large'].map((id, index) => ({
      id,
      label: id,
      keySpace: plainKeySpace(10 + 10 * index),
      generate: () =>
        streamOf(
          10,
          Array.from({ length: 10 }, (_, key): Step => ['get', key]),
        ),
    })),
};

/** The registry of worker threads under test. */
export function findWorkload(name: string): Workload {
  const found = [mixed, pair].find((workload) => workload.name === name);
  if (found === undefined) throw new Error(`no workload ${name}`);
  return found;
}
