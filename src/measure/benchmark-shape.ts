import type { BenchmarkShape, RequestKind } from '../engines/engine.js';
import type { CasePlan, Plan } from '../results/schema.js';
import { OperationKind, type OperationStream } from '../workloads/workload.js';
import { crewOfCase } from './plan.js';
import { present } from './present.js';

/** The shape of a case, for an engine's own load generator: clients, depth, sizes, and how many requests of which kind. */
export function benchmarkShape(
  plan: Plan,
  casePlan: CasePlan,
  stream: OperationStream,
  pipelineDepth: number,
): BenchmarkShape {
  const counts = new Map<RequestKind, { requests: number; keys: number }>();
  for (let request = 0; request + 1 < stream.requestStart.length; request++) {
    const first = present(stream.requestStart[request]);
    const keys = present(stream.requestStart[request + 1]) - first;
    const kind = requestKind(present(stream.kind[first]), keys);
    const counted = counts.get(kind) ?? { requests: 0, keys: 0 };
    counts.set(kind, { requests: counted.requests + 1, keys: counted.keys + keys });
  }
  const { workers, connections } = crewOfCase(plan, casePlan);
  return {
    clients: workers * connections,
    pipelineDepth,
    keys: casePlan.stream.keys,
    valueBytes: Math.round(casePlan.stream.meanValueBytes),
    durationMs: plan.windowMs,
    // deletes last: they take the keys away that the others ask for
    requests: [...counts]
      .map(([kind, { requests, keys }]) => ({
        kind,
        count: requests,
        keysPerRequest: Math.max(1, Math.round(keys / requests)),
      }))
      .sort((a, b) => Number(a.kind === 'delete') - Number(b.kind === 'delete')),
  };
}

function requestKind(kind: number, keys: number): RequestKind {
  switch (kind) {
    case OperationKind.get:
      return keys > 1 ? 'mget' : 'get';
    case OperationKind.put:
      return keys > 1 ? 'mput' : 'put';
    case OperationKind.delete:
      return 'delete';
    default:
      return 'increment';
  }
}
