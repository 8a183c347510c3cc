/** The gate: did a candidate session get slower than its baseline? See docs/statistics.md. */
export { comparableCases } from './compatible.js';
export { defaultGateOptions, judge, refuseInvalid } from './judge.js';
export type { GateComparison, GateOptions, GateReport, GateSession, GateVerdict } from './report.js';
export { renderGateText } from './text.js';
