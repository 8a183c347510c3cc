/** The gate: did a candidate session get slower than its baseline? See docs/statistics.md. */
export { defaultGateOptions, judge } from './judge.js';
export type { GateComparison, GateOptions, GateReport, GateSession, GateVerdict } from './report.js';
export { renderGateText } from './text.js';
