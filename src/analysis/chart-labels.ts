/** Short names of contenders for legends and axes, where the full ones would be cut; the same in all charts of a report. */
import { terminalSafe } from '../support/escape.js';
import type { CaseSummary, ContenderSummary } from './summary.js';

/** What a contender is called in charts. */
export interface ChartLabel {
  /** Contender id. */
  readonly contender: string;
  /** At most `LONGEST` characters, fit to be shown, and no other contender's. */
  readonly label: string;
  /** As in tables and sentences. */
  readonly fullLabel: string;
}

/** Characters of a label, and of one that has to be longer to be nobody else's. */
const LONG = 28;
const LONGEST = 40;

/**
 * One label for each contender of the report. A contender whose short name another one has keeps its full name; where even that
 * is another's, it is numbered. Names that are too long lose their middle, as beginnings and ends tell names apart.
 */
export function chartLabels(cases: readonly Pick<CaseSummary, 'contenders'>[]): ChartLabel[] {
  const named = new Map<string, ContenderSummary[]>();
  for (const contender of cases.flatMap(({ contenders }) => contenders)) {
    named.set(contender.id, [...(named.get(contender.id) ?? []), contender]);
  }
  const candidates = [...named].map(([id, same], index) => {
    // two files may have run one contender on different engines: then it is named after both
    const fullLabel = distinct(same.map(({ label }) => label)).join(' / ');
    const short = distinct(same.map(shortName)).join(' / ');
    const full = terminalSafe(fullLabel, Infinity);
    const number = ` #${String(index + 1)}`;
    return {
      contender: id,
      fullLabel,
      choices: [
        elided(terminalSafe(short, Infinity), LONG),
        elided(full, LONGEST),
        `${elided(full, LONGEST - number.length)}${number}`,
      ],
    };
  });
  const level = candidates.map(() => 0);
  const chosen = (): string[] => candidates.map(({ choices }, index) => choices[level[index] ?? 0] ?? '');
  for (let labels = chosen(); new Set(labels).size < labels.length; labels = chosen()) {
    const shared = labels.map((label) => labels.filter((other) => other === label).length > 1);
    // only the last choice is nobody else's for certain: whoever has it already stays
    for (const [index, own] of level.entries()) {
      if (shared[index] === true && own < 2) level[index] = own + 1;
    }
  }
  const labels = chosen();
  return candidates.map(({ contender, fullLabel }, index) => ({
    contender,
    label: labels[index] ?? contender,
    fullLabel,
  }));
}

/** 'Predis · GPU', 'Redis ×16': the name without what the tables say beside it. */
function shortName({ id, label, engineName, engine }: ContenderSummary): string {
  const name = label
    .replace(/ \(floor, not verified\)(?=$|, )/, ' (floor)')
    .replace(/, pipelined (×\d+)$/, ' $1')
    .replace(/^Redis (?:over|with) /, 'Redis ');
  const device = engine?.settings.device;
  if (!engineName.startsWith('predis') || (device !== 'cuda' && device !== 'cpu')) {
    return name.trim() === '' ? id : name;
  }
  const parts = /^Predis(?:-CPU)?(, [^()]*)? \((?:CPU|CUDA) engine\b/.exec(name);
  return parts === null ? name : `Predis · ${device === 'cuda' ? 'GPU' : 'CPU'}${parts[1] ?? ''}`;
}

/**
 * A text without its middle where it is too long.
 *
 * @param length characters (code points) to keep, the ellipsis counted, 3 and up
 */
export function elided(text: string, length: number): string {
  const characters = Array.from(text);
  if (characters.length <= length) return text;
  const head = Math.ceil((length - 1) / 2);
  return `${characters.slice(0, head).join('')}…${characters.slice(characters.length - (length - 1 - head)).join('')}`;
}

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)];
