import assert from 'node:assert/strict';
import type { GivenValue } from '../../src/workloads/parameters.js';
import { resolveParameters } from '../../src/workloads/parameters.js';
import { findWorkload } from '../../src/workloads/registry.js';
import type { OperationStream, WorkloadCase } from '../../src/workloads/workload.js';
import { OperationKind } from '../../src/workloads/workload.js';

export function casesOf(name: string, given: Record<string, GivenValue> = {}): readonly WorkloadCase[] {
  const workload = findWorkload(name);
  return workload.cases(resolveParameters(workload, given));
}

/** The only case of a workload. */
export function caseOf(name: string, given: Record<string, GivenValue> = {}): WorkloadCase {
  const [only, ...others] = casesOf(name, given);
  assert.ok(only !== undefined && others.length === 0);
  return only;
}

export function streamOf(name: string, given: Record<string, GivenValue> = {}, seed = 1): OperationStream {
  return caseOf(name, given).generate(seed);
}

/** Key indices of operations of one kind, in order. */
export function keysOfKind(stream: OperationStream, kind: OperationKind): number[] {
  return [...stream.keyIndex.filter((_, operation) => stream.kind[operation] === kind)];
}

export const readsOf = (stream: OperationStream): number[] => keysOfKind(stream, OperationKind.get);
export const writesOf = (stream: OperationStream): number[] => keysOfKind(stream, OperationKind.put);

/** Key indices of every request, in order. */
export function requestsOf(stream: OperationStream): number[][] {
  const requests: number[][] = [];
  for (let request = 0; request + 1 < stream.requestStart.length; request++) {
    const first = stream.requestStart[request];
    const end = stream.requestStart[request + 1];
    requests.push([...stream.keyIndex.subarray(first, end)]);
  }
  return requests;
}
