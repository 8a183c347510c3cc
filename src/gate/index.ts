/** The gate: did a candidate session get slower than its baseline? See docs/statistics.md. */
export { comparableCases } from './compatible.js';
export { gateFormats, type GateFormat } from './formats/index.js';
export { renderGateText } from './formats/text.js';
export { defaultGateOptions, judge, refuseInvalid, unjudged } from './judge.js';
export type {
  GateAnswer,
  GateComparison,
  GateOptions,
  GateReport,
  GateSession,
  GateVerdict,
} from './report.js';
