/** What an operation and a key cost: memory a key, and energy where it was measured. */
import type { MeasuredTrial } from '../results/schema.js';
import { medianInterval } from '../stats/index.js';
import type { CaseSummary, Interval } from './summary.js';

export interface BytesPerKey {
  readonly caseId: string;
  readonly contender: string;
  /** Memory taken by the data after the window over the keys that were loaded; median over trials. */
  readonly bytesPerKey: Interval;
  readonly trials: number;
}

/** Key and value themselves: what no store can do without, short of compressing. */
export interface PayloadPerKey {
  readonly caseId: string;
  readonly keys: number;
  readonly payloadBytes: number;
}

/** Whose watts: the board of the GPU that the engine ran on, or all processor packages with whatever ran on them. */
export type PowerSource = 'gpu-board' | 'cpu-packages';

export interface PowerRow {
  readonly caseId: string;
  readonly contender: string;
  readonly source: PowerSource;
  /** Mean over the window; median over trials. */
  readonly watts: Interval;
  /** Operations a second over watts, which is operations a joule; median over trials. */
  readonly operationsPerJoule: Interval;
  readonly trials: number;
}

export interface Efficiency {
  readonly payload: readonly PayloadPerKey[];
  readonly memory: readonly BytesPerKey[];
  /** Empty where no trial has watts. */
  readonly power: readonly PowerRow[];
}

/**
 * @param measuredOf the measured trials of a contender in a case
 * @param confidence of the intervals, in (0, 1)
 */
export function summariseEfficiency(
  cases: readonly CaseSummary[],
  measuredOf: (caseId: string, contender: string) => readonly MeasuredTrial[],
  confidence: number,
): Efficiency {
  const rows = cases.flatMap((row) => row.contenders.map((contender) => ({ row, id: contender.id })));
  return {
    payload: cases
      .filter(({ stream }) => stream.keys > 0)
      .map(({ id, stream }) => ({
        caseId: id,
        keys: stream.keys,
        payloadBytes: stream.meanKeyBytes + stream.meanValueBytes,
      })),
    memory: rows.flatMap(({ row, id }): BytesPerKey[] => {
      const trials = measuredOf(row.id, id);
      const { keys } = row.stream;
      // a floor stores nothing, and a memory of nothing is no memory a key
      if (trials.length === 0 || keys === 0) return [];
      const values = trials.map(({ measurements }) => measurements.memoryBytes / keys);
      if (values.every((value) => value === 0)) return [];
      return [
        {
          caseId: row.id,
          contender: id,
          bytesPerKey: interval(values, confidence),
          trials: values.length,
        },
      ];
    }),
    power: rows.flatMap(({ row, id }) => {
      const trials = measuredOf(row.id, id);
      return (['gpu-board', 'cpu-packages'] as const).flatMap((source) =>
        powerRow(row.id, id, source, trials, confidence),
      );
    }),
  };
}

function powerRow(
  caseId: string,
  contender: string,
  source: PowerSource,
  trials: readonly MeasuredTrial[],
  confidence: number,
): PowerRow[] {
  const told = trials.flatMap(({ measurements }) => {
    const watts = wattsOf(measurements, source);
    return watts === null || watts <= 0 ? [] : [{ watts, perSecond: measurements.throughputPerSecond }];
  });
  if (told.length === 0) return [];
  return [
    {
      ...{ caseId, contender, source },
      watts: interval(
        told.map(({ watts }) => watts),
        confidence,
      ),
      operationsPerJoule: interval(
        told.map(({ watts, perSecond }) => perSecond / watts),
        confidence,
      ),
      trials: told.length,
    },
  ];
}

function wattsOf(
  { gpu, energy, windowNs }: MeasuredTrial['measurements'],
  source: PowerSource,
): number | null {
  if (source === 'gpu-board') return gpu?.readings.powerWatts?.mean ?? null;
  return energy === undefined || windowNs === 0 ? null : energy.packageJoules / (windowNs / 1e9);
}

function interval(values: readonly number[], confidence: number): Interval {
  const { estimate, low, high } = medianInterval([...values], { confidence });
  return { estimate, low, high };
}
