import type { SessionBasis, SessionComparison } from '../analysis/sessions.js';
import type { ExitCode } from '../errors.js';
import type { Metric } from '../results/schema.js';

/** Of one comparison. */
export type GateVerdict = 'regressed' | 'no-regression' | 'inconclusive' | 'invalid';

/** Of the gate as a whole; 'error': a file could not be read, so that nothing was judged. */
export type GateAnswer = GateVerdict | 'no-baseline' | 'error';

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
  /**
   * Default 'machine'. 'relative': judges the ratio of Predis to Redis within each session, across machines too; see docs/gate.md.
   */
  readonly basis?: SessionBasis;
  /** On the relative basis: judge also sessions of other processors, with a warning; default false. */
  readonly otherProcessor?: boolean;
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
  readonly machine: { readonly fingerprint: string; readonly cpuModel: string; readonly logicalCpus: number };
}

/** The answer of the gate, with everything that its renderings show. The exit code is a public contract. */
export interface GateReport {
  readonly format: 'predis-bench-gate';
  readonly schemaVersion: 2;
  readonly verdict: GateAnswer;
  /** 1 regressed, 5 invalid, 3 inconclusive, 0 no regression: the first of these that any comparison calls for; 4 no baseline. */
  readonly exitCode: ExitCode;
  readonly basis: SessionBasis;
  /** Why nothing was compared, and what to do about it; null where something was. */
  readonly reason: string | null;
  readonly hint: string | null;
  /** null where there is none, or where it could not be read. */
  readonly baseline: GateSession | null;
  readonly candidate: GateSession | null;
  readonly alpha: number;
  readonly maxDrift: number;
  readonly familySize: number;
  readonly comparisons: readonly GateComparison[];
  /** What was not compared, and other things to know. */
  readonly notes: readonly string[];
}
