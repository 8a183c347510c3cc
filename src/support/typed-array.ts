/**
 * Reads from typed arrays that cannot miss: an index outside is a defect of this program and throws, rather than becoming
 * a silent zero. One function an element type, so that the compiler sees one type at each load and inlines it.
 */

/** @throws RangeError when `index` is outside */
export function uint32At(array: Uint32Array, index: number): number {
  const value = array[index];
  if (value === undefined) throw outside(index, array.length);
  return value;
}

/** @throws RangeError when `index` is outside */
export function float64At(array: Float64Array, index: number): number {
  const value = array[index];
  if (value === undefined) throw outside(index, array.length);
  return value;
}

/** @throws RangeError when `index` is outside */
export function uint8At(array: Uint8Array, index: number): number {
  const value = array[index];
  if (value === undefined) throw outside(index, array.length);
  return value;
}

function outside(index: number, length: number): RangeError {
  return new RangeError(`index ${String(index)} is outside of an array of ${String(length)}`);
}
