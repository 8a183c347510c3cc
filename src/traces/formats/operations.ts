import { AccessKind } from '../trace.js';

const named = (kind: AccessKind, ...names: readonly string[]): [string, AccessKind][] =>
  names.map((name) => [name, kind]);

/**
 * What the operations of memcached become. A partial write (append, incr, …) is a put of the whole value; a get that the
 * cache answered with a miss is a get all the same.
 */
export const memcachedOperations: ReadonlyMap<string, AccessKind> = new Map([
  ...named(AccessKind.get, 'get', 'gets'),
  ...named(AccessKind.put, 'set', 'add', 'replace', 'cas', 'append', 'prepend', 'incr', 'decr'),
  ...named(AccessKind.delete, 'delete'),
]);

/** Operations of tables, in lower case; '28' and '2a' are the read and the write of SCSI. Others tell nothing. */
export const tableOperations: ReadonlyMap<string, AccessKind> = new Map([
  ...memcachedOperations,
  ...named(AccessKind.get, 'read', 'r', '28', 'rest.get.object'),
  ...named(AccessKind.put, 'put', 'write', 'w', 'update', '2a', 'rest.put.object'),
  ...named(AccessKind.delete, 'del', 'remove', 'rest.delete.object'),
]);
