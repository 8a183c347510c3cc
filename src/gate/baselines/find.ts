import { BenchError } from '../../errors.js';
import type { SessionBasis } from '../../analysis/sessions.js';
import type { ResultFile } from '../../results/schema.js';
import { sameProcessors } from '../compatible.js';
import type { Ledger } from './ledger.js';
import type { BaselineStore, StoredBaseline } from './store.js';
import { checkSuiteName, suiteOf } from './suite.js';

/**
 * The accepted baseline beside which a candidate is judged: that of its suite on its machine. On the relative basis, where its
 * machine has none, the one that was accepted last on any machine.
 *
 * @throws BenchError NO_BASELINE (exit code 4), saying how to accept one; those of `BaselineStore.baseline`
 */
export function findBaseline(
  store: BaselineStore,
  candidate: ResultFile,
  options: {
    readonly suite?: string | undefined;
    readonly basis: SessionBasis;
    readonly candidatePath: string;
  },
): StoredBaseline {
  const suite = checkSuiteName(options.suite ?? suiteOf(candidate));
  const { fingerprint, cpuModel } = candidate.environment;
  const own = store.ledger(fingerprint, suite);
  if (own !== null) return store.baseline(own);
  const ledgers = store.ledgers();
  const elsewhere = ledgers.filter((ledger) => ledger.suite === suite).sort(byAcceptance);
  // of other processors only where there is none of the same: their ratios differ
  const newest =
    elsewhere.findLast(({ machine }) => sameProcessors(machine, candidate.environment)) ?? elsewhere.at(-1);
  if (options.basis === 'relative' && newest !== undefined) return store.baseline(newest);
  const machines = elsewhere.map(({ machine }) => `${machine.cpuModel} (${machine.fingerprint})`);
  const suites = ledgers.filter(({ machine }) => machine.fingerprint === fingerprint).map((own) => own.suite);
  throw new BenchError(
    'NO_BASELINE',
    `No baseline of ${suite} was accepted for this machine (${cpuModel}, ${fingerprint}) in ${store.folder}/.` +
      (machines.length > 0
        ? ` There is one of ${machines.join(' and ')}, with which --relative can compare.`
        : '') +
      (suites.length > 0 ? ` This machine has baselines of ${suites.join(', ')} (--suite).` : ''),
    {
      hint: `Accept one: predis-bench baseline accept ${options.candidatePath} --reason "the first one"`,
    },
  );
}

function byAcceptance(a: Ledger, b: Ledger): number {
  const at = ({ entries }: Ledger) => entries.at(-1)?.acceptedAt ?? '';
  return at(a) < at(b) ? -1 : at(a) > at(b) ? 1 : 0;
}
