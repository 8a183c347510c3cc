/**
 * The value that a JSON pointer names (RFC 6901), or undefined when there is none.
 *
 * @param document anything made of plain objects and arrays
 * @param pointer '' for the whole document, otherwise tokens that begin with '/'
 */
export function resolvePointer(document: unknown, pointer: string): unknown {
  if (pointer === '') return document;
  if (!pointer.startsWith('/')) return undefined;
  let value: unknown = document;
  for (const token of pointer.slice(1).split('/')) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
