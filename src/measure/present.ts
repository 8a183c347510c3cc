/**
 * An element that must be there, for reads from arrays at computed places: outside is a defect of this program, which
 * throws rather than becoming a silent zero. Inlined by the compiler, it costs one well-predicted comparison.
 */
export function present<T>(element: T | undefined): T {
  if (element === undefined) throw new RangeError('an index is outside of its array');
  return element;
}
