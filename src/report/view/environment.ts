/** The machine, the programs and the command: what somebody needs to do it again. */
import type { Summary } from '../../analysis/summary.js';
import {
  capitalised,
  displayText,
  formatCount,
  formatNumber,
  formatQuantity,
  formatTime,
} from '../format.js';

export interface Fact {
  readonly name: string;
  readonly value: string;
  readonly disclosed: boolean;
}

export interface EngineView {
  readonly label: string;
  readonly facts: readonly Fact[];
}

export interface SourceView {
  readonly fileName: string;
  readonly command: string;
  readonly facts: readonly Fact[];
}

/** A fact, or that it is not disclosed. */
export const fact = (name: string, value: string | null): Fact =>
  value === null
    ? { name, value: 'not disclosed', disclosed: false }
    : { name, value: displayText(value, 300), disclosed: true };

export function environmentFacts({ environment }: Summary): readonly Fact[] {
  return [
    fact('Fingerprint', environment.fingerprint),
    fact('CPU', environment.cpuModel),
    fact('Logical CPUs', formatCount(environment.logicalCpus)),
    fact('Memory', formatQuantity(environment.memoryBytes, 'bytes')),
    fact('Architecture', environment.architecture),
    fact('Operating system', environment.distribution),
    fact('Kernel', `${environment.platform} ${environment.kernel}`),
    fact('Virtualisation', environment.virtualisation),
    fact('CPU governor', environment.cpuGovernor),
    fact('Transparent huge pages', environment.transparentHugePages),
    fact('GPU', environment.gpu?.name ?? 'none used'),
    fact('Node.js', environment.nodeVersion),
    fact('V8', environment.v8Version),
    fact('Load average at the start (1 min)', formatNumber(environment.loadAverage1m, 2)),
    fact('Clock resolution', formatQuantity(environment.clockResolutionNs, 'ns')),
    fact('Cost of reading the clock', formatQuantity(environment.clockOverheadNs, 'ns')),
  ];
}

export function engineViews(summary: Summary): readonly EngineView[] {
  const contenders = summary.cases.flatMap((row) => row.contenders);
  const engines = new Map(contenders.flatMap((row) => (row.engine === null ? [] : [[row.id, row] as const])));
  return [...engines.values()].map(({ label, engine, pipelineDepth }) => ({
    label: displayText(label),
    facts:
      engine === null
        ? []
        : [
            fact('Engine', `${capitalised(engine.name)} ${engine.version}`),
            fact('Started by this tool', engine.managed ? 'yes' : 'no'),
            fact('Requests in flight on each connection', formatCount(pipelineDepth)),
            ...Object.entries(engine.settings).map(([name, value]) =>
              fact(
                displayText(name, 80),
                value === null ? 'not set' : value === '' ? '(empty)' : String(value),
              ),
            ),
          ],
  }));
}

export function sourceViews(summary: Summary): readonly SourceView[] {
  return summary.sources.map((source) => ({
    fileName: displayText(source.fileName, 200),
    command: displayText(source.command.map(shellWord).join(' '), 2000),
    facts: [
      fact('Seed', String(source.seed)),
      fact('Result', source.id),
      fact('Status', source.status),
      fact(
        'Trials',
        `${formatCount(source.trialsRecorded)} recorded of ${formatCount(source.trialsPlanned)} planned`,
      ),
      fact('Started', formatTime(source.createdAt)),
      fact('Last written', formatTime(source.updatedAt)),
      fact('predis-bench', source.tool.version),
      fact(
        'Commit',
        source.tool.commit === null
          ? null
          : `${source.tool.commit}${source.tool.dirty === true ? ', with uncommitted changes' : ''}`,
      ),
    ],
  }));
}

/** A word as a POSIX shell needs it. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
