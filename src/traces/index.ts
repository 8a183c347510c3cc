/** The traces room: published traces of real services, read in bounded memory. */
export * from './trace.js';
export { parseColumns, type CsvColumns } from './formats/csv-columns.js';
export { formatSummaries } from './formats/index.js';
export { readTrace, parseTrace, type ReadOptions, type ReadTrace, type TraceFacts } from './read.js';
export { skewSentence, type TraceSkew } from './skew.js';
export { STANDARD_INPUT } from './source.js';
export { loadTrace, type LoadedTrace } from './load.js';
