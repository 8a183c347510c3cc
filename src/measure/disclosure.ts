import type { DeclarationName, Disclosure, Plan } from '../results/schema.js';

/** Until somebody else audits, this is what stands on every page. */
export const STATUS = 'self-reported, unaudited';

const PREDIS_LACKS = [
  'Predis keeps data in the memory of one process: no persistence, no replication, no access from other processes or machines',
  'Predis has strings and counters with expiry: no lists, sets, hashes, streams, scripts, transactions or publish and subscribe',
];
const REDIS_LACKS = [
  'Redis has no announcement of reads to come: where a stream announces some, only Predis is told',
];

/**
 * What the tool knows about a run beside its measurements, with what the user declared.
 *
 * @param declared what no machine can know; names of `declarations`
 */
export function describeDisclosure(
  plan: Plan,
  declared: Readonly<Partial<Record<DeclarationName, string>>> = {},
): Disclosure {
  const has = (engine: string): boolean => plan.contenders.some((one) => one.engine === engine);
  return {
    status: STATUS,
    conflictOfInterest:
      'predis-bench and the Predis engine come from the same authors, who also chose how Redis is started and driven. Nobody independent tuned, ran or audited this.',
    featureGaps: [
      ...(has('predis') ? PREDIS_LACKS : []),
      ...(has('redis') && has('predis') ? REDIS_LACKS : []),
    ],
    restarts:
      'new for every trial: worker threads, connections, and the CPU engine of Predis with its random hash seed; for the whole run: servers and the CUDA engine, emptied before each load',
    stoppingRule: stoppingRule(plan),
    exclusions: [],
    harness:
      'HdrHistogram, 1 ns to 1 hour, 3 significant digits; one histogram a trial, merged over workers and trials, percentiles never averaged; two readings of the clock a request',
    distributionFit: null,
    phases: `fresh state: everything removed and all keys loaded, new worker threads; warm-up of ${String(plan.warmupMs)} ms on the same stream, not recorded; one window of ${String(plan.windowMs)} ms; every key read back; no cool-down`,
    declared: {
      ranBy: null,
      owner: null,
      tuning: null,
      correctionsContact: null,
      cloud: null,
      container: null,
      power: null,
      price: null,
      reproducedBy: null,
      bundle: null,
      quoteUntil: null,
      ...declared,
    },
  };
}

function stoppingRule({ blocksPerCase, stopping }: Plan): string {
  const blocks = `${String(blocksPerCase)} blocks a case, two trials of each contender in a block`;
  if (stopping === undefined) {
    return `fixed before the first trial: ${blocks}; no trial is added or left out in view of its numbers`;
  }
  const looks = stopping.looks.map((look) => String(look.blocks)).join(', ');
  return (
    `fixed before the first trial: at most ${blocks}; a case ends earlier at a look (after ${looks} blocks) at which all of its ` +
    `comparisons are decided at the level that the rule (${stopping.spending}) leaves to that look`
  );
}
