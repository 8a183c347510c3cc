import type { Contender, Metric, ResultFile } from '../results/schema.js';
import { CaseTrials } from './case-trials.js';
import { metricDefinition } from './metrics.js';
import { compareSamples, type SampleComparison } from './samples.js';

export interface RunMetric {
  readonly metric: Metric;
  /** Fraction below 1. */
  readonly margin: number;
}

/** One contender of one case on one metric in two runs, b against a. */
export interface RunComparison extends SampleComparison {
  readonly caseId: string;
  readonly contender: string;
  readonly metric: Metric;
}

export interface RunsComparison {
  readonly comparisons: readonly RunComparison[];
  /** What could not be compared, and why; wrong values. */
  readonly notes: string[];
}

/**
 * Compares every contender that stands in both runs, on its own: b over a. All comparisons are one family.
 *
 * Two runs differ by the weather of the machine too; nothing here corrects for it, as the gate does.
 *
 * @param caseIds cases that both files hold with the same stream
 */
export function compareRuns(
  a: ResultFile,
  b: ResultFile,
  caseIds: readonly string[],
  options: { readonly alpha: number; readonly metrics: readonly RunMetric[] },
): RunsComparison {
  const notes: string[] = [];
  const contenders = a.plan.contenders.filter((before) => {
    const after = b.plan.contenders.find(({ id }) => id === before.id);
    if (after === undefined) return false;
    const [there, now] = [describe(a, before), describe(b, after)];
    if (there !== now) {
      notes.push(`${before.id} was driven differently: ${there} in A and ${now} in B.`);
      return false;
    }
    const versions = [a, b].map(({ engines }) => engines[before.id]?.version ?? 'unknown');
    if (versions[0] !== versions[1]) {
      notes.push(`${before.id} is of version ${String(versions[0])} in A and ${String(versions[1])} in B.`);
    }
    return true;
  });
  const tools = [a, b].map(({ tool }) => tool.version);
  if (tools[0] !== tools[1]) {
    notes.push(`A was measured by predis-bench ${String(tools[0])} and B by ${String(tools[1])}.`);
  }
  const rows = caseIds.flatMap((caseId) => {
    const [inA, inB] = [trialsOf(a, caseId), trialsOf(b, caseId)];
    if (inA === null || inB === null) return [];
    return contenders
      .filter(({ id }) => inA.takes(id) && inB.takes(id))
      .flatMap(({ id }) => {
        for (const [name, trials] of [
          ['A', inA],
          ['B', inB],
        ] as const) {
          const voided = trials.all(id).filter(({ state }) => state === 'void').length;
          if (voided > 0)
            notes.push(`${caseId}, ${id}: ${String(voided)} of its trials in ${name} gave wrong values.`);
        }
        return options.metrics.flatMap(({ metric, margin }) => {
          const { of } = metricDefinition(metric);
          const [valuesA, valuesB] = [inA.measured(id).map(of), inB.measured(id).map(of)];
          const usable = [valuesA, valuesB].every(
            (values) => values.length > 0 && values.every((value) => value > 0 && Number.isFinite(value)),
          );
          if (!usable) notes.push(`${caseId}, ${id}, ${metric}: not measured in both.`);
          return usable
            ? [
                {
                  caseId,
                  contender: id,
                  metric,
                  pair: { a: valuesA, b: valuesB, margin, scale: 'ratio' as const },
                },
              ]
            : [];
        });
      });
  });
  const compared = compareSamples(
    rows.map(({ pair }) => pair),
    options.alpha,
  );
  return {
    comparisons: rows.flatMap(({ caseId, contender, metric }, index) => {
      const comparison = compared[index];
      return comparison === undefined ? [] : [{ caseId, contender, metric, ...comparison }];
    }),
    notes,
  };
}

function trialsOf(result: ResultFile, caseId: string): CaseTrials | null {
  const plan = result.plan.cases.find(({ id }) => id === caseId);
  return plan === undefined ? null : new CaseTrials(result, plan);
}

/** How a contender was driven, and on which device it ran where there is a choice. */
function describe({ engines }: ResultFile, { id, boundary, pipelineDepth }: Contender): string {
  const { device, deviceName } = engines[id]?.settings ?? {};
  const parts = [device, deviceName].filter((part) => typeof part === 'string');
  return [`boundary ${boundary}`, `pipeline depth ${String(pipelineDepth)}`, ...parts].join(', ');
}
