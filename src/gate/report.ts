import type { SessionComparison } from '../analysis/sessions.js';
import type { Metric } from '../results/schema.js';

export type GateVerdict = 'regressed' | 'no-regression' | 'inconclusive' | 'invalid';

/** What may be set; everything has a default (see `defaultGateOptions`). */
export interface GateOptions {
  /** One-sided level of the whole family of comparisons; default 0.05. */
  readonly alpha?: number;
  /** Loss that matters, as a fraction, by metric; the keys are the metrics that are judged. */
  readonly margins?: Readonly<Partial<Record<Metric, number>>>;
  /** Contenders judged; by default every one of the Predis engine. */
  readonly contenders?: readonly string[];
  /** Movement of the controls between the sessions beyond which nothing is judged, as a fraction; default 0.25. */
  readonly maxDrift?: number;
}

export interface GateComparison extends SessionComparison {
  readonly verdict: GateVerdict;
  /** Why, in one sentence with its numbers. */
  readonly reason: string;
}

export interface GateSession {
  readonly id: string;
  readonly createdAt: string;
  readonly toolVersion: string;
  readonly commit: string | null;
}

/** The answer of the gate. The exit code is a public contract. */
export interface GateReport {
  readonly format: 'predis-bench-gate';
  readonly schemaVersion: 1;
  readonly verdict: GateVerdict;
  /** 1 regressed, 5 invalid, 3 inconclusive, 0 no regression: the first of these that any comparison calls for. */
  readonly exitCode: 0 | 1 | 3 | 5;
  readonly baseline: GateSession;
  readonly candidate: GateSession;
  readonly alpha: number;
  readonly maxDrift: number;
  readonly familySize: number;
  readonly comparisons: readonly GateComparison[];
  /** What was not compared, and other things to know. */
  readonly notes: readonly string[];
}
