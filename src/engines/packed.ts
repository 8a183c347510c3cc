/** Packed batches as the driver makes and reads them: those of the Predis client. */
export { packStrings, type PackedBatch, type PackedValues } from '../predis/index.js';
