import { execFileSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { Command } from 'commander';
import { BenchError } from '../errors.js';
import {
  acceptBaseline,
  BaselineStore,
  defaultBaselineFolder,
  type Acceptance,
  type Ledger,
  type LedgerEntry,
} from '../gate/baselines/index.js';
import { gateFormats } from '../gate/index.js';
import { describeEnvironment } from '../measure/environment.js';
import { readFileBytes } from '../results/read.js';
import { terminalSafe } from '../support/escape.js';
import { formatPlural } from '../support/format.js';
import type { CommandContext } from './context.js';
import { withExamples, type Example } from './help.js';

interface FolderOptions {
  readonly baselines: string;
  readonly json?: true;
}

interface AcceptCommandOptions extends FolderOptions {
  readonly reason: string;
  readonly by?: string;
  readonly suite?: string;
  readonly replace?: true;
}

interface SelectOptions extends FolderOptions {
  readonly machine?: string;
}

const EXAMPLES: readonly Example[] = [
  ['predis-bench baseline accept main.json --reason first'],
  ['predis-bench baseline list'],
  ['predis-bench baseline show hft', 'where it is kept'],
  ['predis-bench baseline history hft', 'who accepted what, when and why'],
];

/** `predis-bench baseline`: accepted results, which the gate holds others against. Nothing else changes one. */
export function baselineCommand(context: CommandContext): Command {
  const command = withExamples(new Command('baseline'), EXAMPLES).description(
    'accept a result as baseline of its machine, and see what was accepted, by whom, when and why',
  );
  withExamples(command.command('accept'), [
    ['predis-bench baseline accept main.json --reason new-hash-table --by ada'],
  ])
    .description('make a result the baseline of its suite on its machine; earlier ones are kept')
    .argument('<result>', 'result file of a complete, valid session')
    .requiredOption('--reason <text>', 'why: it stands in the history')
    .option('--by <name>', "who (default: $GITHUB_ACTOR, git's user.name, or this user)")
    .option('--suite <name>', 'name to keep it under (default: the workloads of the result)')
    .option('--replace', 'also in place of a baseline that was measured otherwise')
    .option('--baselines <folder>', 'where baselines are kept', defaultBaselineFolder)
    .option('--json', 'print JSON')
    .action((path: string, options: AcceptCommandOptions) => {
      const accepted = acceptBaseline({
        store: new BaselineStore(options.baselines),
        bytes: readFileBytes(path),
        name: path,
        reason: options.reason,
        by: options.by ?? whoAccepts(),
        suite: options.suite,
        replace: options.replace,
        now: new Date(),
      });
      if (options.json === true) context.print(JSON.stringify(accepted, null, 2));
      else for (const line of acceptedLines(accepted)) context.print(line);
    });
  withExamples(command.command('list'), [['predis-bench baseline list --json']])
    .description('all baselines of all machines')
    .option('--baselines <folder>', 'where baselines are kept', defaultBaselineFolder)
    .option('--json', 'print JSON')
    .action((options: FolderOptions) => {
      const ledgers = new BaselineStore(options.baselines).ledgers();
      if (options.json === true) context.print(JSON.stringify(ledgers, null, 2));
      else if (ledgers.length === 0) context.print(`No baseline in ${terminalSafe(options.baselines)}/.`);
      else for (const line of listLines(ledgers)) context.print(line);
    });
  for (const [name, description] of [
    ['show', 'the present baseline of a suite, and where it is kept'],
    ['history', 'every baseline that a suite had, the newest first'],
  ] as const) {
    withExamples(command.command(name), [[`predis-bench baseline ${name} hft`]])
      .description(description)
      .argument('<suite>', 'as baseline list shows it')
      .option('--machine <fingerprint>', 'default: this machine, or the only one that has the suite')
      .option('--baselines <folder>', 'where baselines are kept', defaultBaselineFolder)
      .option('--json', 'print JSON')
      .action((suite: string, options: SelectOptions) => {
        const store = new BaselineStore(options.baselines);
        const ledger = selectLedger(store, suite, options.machine);
        const shown = name === 'show' ? ledger.entries.slice(-1) : [...ledger.entries].reverse();
        // a baseline that is damaged is not shown as one
        store.baseline(ledger);
        if (options.json === true) {
          const entries = shown.map((entry) => ({ ...entry, path: store.pathOf(ledger, entry) }));
          context.print(JSON.stringify({ ...ledger, entries }, null, 2));
          return;
        }
        context.print(headline(ledger));
        for (const entry of shown) {
          for (const line of entryLines(entry)) context.print(line);
          context.print(`  file      ${terminalSafe(store.pathOf(ledger, entry))}`);
        }
      });
  }
  return command;
}

function selectLedger(store: BaselineStore, suite: string, machine: string | undefined): Ledger {
  const found = store.ledgers().filter((ledger) => ledger.suite === suite);
  const asked = machine ?? (found.length > 1 ? describeEnvironment().fingerprint : undefined);
  const ledger = asked === undefined ? found[0] : found.find((one) => one.machine.fingerprint === asked);
  if (ledger !== undefined) return ledger;
  const others = found.map((one) => one.machine.fingerprint);
  throw new BenchError(
    'NO_BASELINE',
    `No baseline of "${suite}"${asked === undefined ? '' : ` of machine ${asked}`} in ${store.folder}/.`,
    {
      hint:
        others.length > 0
          ? `There are some of ${others.join(', ')}: --machine <fingerprint>`
          : 'predis-bench baseline list shows them all.',
    },
  );
}

/** In CI the one who caused the run, otherwise the one who commits. */
function whoAccepts(): string {
  const actor = process.env.GITHUB_ACTOR;
  if (actor !== undefined && actor !== '') return actor;
  try {
    const name = execFileSync('git', ['config', 'user.name'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    if (name !== '') return name;
  } catch {
    // no git, or nobody set a name
  }
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

function headline({ suite, machine, entries }: Ledger): string {
  return terminalSafe(
    `${suite} on ${machine.cpuModel}, ${formatPlural(machine.logicalCpus, 'CPU')} (${machine.fingerprint}), ` +
      `${formatPlural(entries.length, 'baseline')} accepted`,
    500,
  );
}

function entryLines(entry: LedgerEntry): string[] {
  const { acceptedAt, acceptedBy, reason, measuredAt, commit, dirty, toolVersion, besidePrevious } = entry;
  const build = `predis-bench ${toolVersion}, commit ${commit?.slice(0, 12) ?? 'unknown'}${dirty === true ? ' and uncommitted changes' : ''}`;
  return [
    `accepted ${minute(acceptedAt)} by ${acceptedBy}: ${reason}`,
    `  measured  ${minute(measuredAt)}, ${build}`,
    `  gate      ${besidePrevious === null ? 'the first one' : `${besidePrevious}, beside the one before`}`,
  ].map((line) => terminalSafe(line, 1000));
}

function listLines(ledgers: readonly Ledger[]): string[] {
  return ledgers.flatMap((ledger) => {
    const entry = ledger.entries.at(-1);
    return entry === undefined ? [] : [headline(ledger), `  now: ${entryLines(entry)[0] ?? ''}`];
  });
}

function acceptedLines({ ledger, entry, path, changed, besidePrevious, finds }: Acceptance): string[] {
  if (!changed) return [`This is the baseline of ${ledger.suite} already; nothing was changed.`];
  return [
    ...(besidePrevious === null
      ? []
      : ['Beside the baseline before:', ...gateFormats.text(besidePrevious).split('\n').map(indented)]),
    terminalSafe(`accepted  ${headline(ledger)}`, 500),
    ...(entry.dirty === true ? ['  note: the build that was measured had uncommitted changes'] : []),
    ...finds.map((line) => `  ${line}`),
    terminalSafe(`  ${path}`),
  ];
}

const indented = (line: string): string => `  ${line}`;
const minute = (time: string): string => `${time.slice(0, 16).replace('T', ' ')} UTC`;
