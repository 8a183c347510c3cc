/** Accepted results, kept with their history; see docs/gate.md. */
export { acceptBaseline, type Acceptance } from './accept.js';
export { findBaseline } from './find.js';
export type { Ledger, LedgerEntry } from './ledger.js';
export { BaselineStore, defaultBaselineFolder, type StoredBaseline } from './store.js';
