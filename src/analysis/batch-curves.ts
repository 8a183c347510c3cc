/** What larger batches do: the cases of one workload that differ in keys a request. */
import type { CaseSummary, Interval } from './summary.js';

export interface BatchStep {
  readonly caseId: string;
  /** Operations of a request on average; the stream is the same for every contender. */
  readonly keysPerRequest: number;
  /** Medians over trials. */
  readonly throughput: Interval;
  /** Of a whole request. */
  readonly latencyP50: Interval;
  readonly trials: number;
}

export interface BatchCurve {
  readonly workload: string;
  readonly contender: string;
  readonly label: string;
  /** At least two, ascending in keys a request. */
  readonly steps: readonly BatchStep[];
  /** Index of the step with the highest median throughput. */
  readonly fastest: number;
}

/** Sizes nearer to each other than this are one size: the same workload with other parameters. */
const TOLD_APART = 1.5;

/** By workload and contender; none where no workload was measured with several batch sizes. */
export function batchCurves(cases: readonly CaseSummary[]): BatchCurve[] {
  const workloads = [...new Set(cases.map(({ workload }) => workload))];
  return workloads.flatMap((workload) => {
    const own = cases
      // cases that set their own clients are a ramp of another kind
      .filter((one) => one.workload === workload && one.clients === null && one.stream.requests > 0)
      .map((one) => ({ one, size: one.stream.operations / one.stream.requests }))
      .toSorted((a, b) => a.size - b.size);
    const apart = own.every(
      ({ size }, index) => index === 0 || size >= (own[index - 1]?.size ?? 0) * TOLD_APART,
    );
    if (own.length < 2 || !apart) return [];
    const contenders = new Map(own.flatMap(({ one }) => one.contenders.map(({ id, label }) => [id, label])));
    return [...contenders].flatMap(([contender, label]) => {
      const steps = own.flatMap(({ one, size }) => stepOf(one, size, contender));
      if (steps.length < 2) return [];
      const best = Math.max(...steps.map(({ throughput }) => throughput.estimate));
      const fastest = steps.findIndex(({ throughput }) => throughput.estimate === best);
      return [{ workload, contender, label, steps, fastest }];
    });
  });
}

function stepOf(oneCase: CaseSummary, keysPerRequest: number, contender: string): BatchStep[] {
  const metrics = oneCase.contenders.find(({ id }) => id === contender)?.metrics ?? [];
  const throughput = metrics.find(({ metric }) => metric === 'throughput');
  const latencyP50 = metrics.find(({ metric }) => metric === 'latencyP50');
  if (throughput === undefined || latencyP50 === undefined || !(throughput.median.estimate > 0)) return [];
  return [
    {
      caseId: oneCase.id,
      keysPerRequest,
      throughput: throughput.median,
      latencyP50: latencyP50.median,
      trials: throughput.trials,
    },
  ];
}
