/** The cachesim room: replacement policies, simulated over the keys of a trace. */
export { AccessLog } from './access-log.js';
export { policyNames, type PolicyName } from './policies.js';
export { cacheSize, type CacheSize } from './sizes.js';
export { simulateCaches, windowEdges, type SimulatedCache } from './simulate.js';
