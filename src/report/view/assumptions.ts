/** The assumption checks of each session as a table; analysis has judged them. */
import { formatCheckFigure } from '../../analysis/check-text.js';
import type { AssumptionCheck, CheckState, Summary } from '../../analysis/summary.js';
import { capitalised, displayText, formatPlural, fullStop, NO_NUMBER } from '../format.js';

export interface AssumptionRow {
  /** JSON pointer of the check in the summary. */
  readonly ref: string;
  readonly title: string;
  readonly state: string;
  readonly tone: 'good' | 'bad' | 'warning' | 'neutral';
  readonly seen: string;
  readonly limit: string;
  readonly rule: string;
}

export interface AssumptionView {
  readonly fileName: string;
  readonly checks: readonly AssumptionRow[];
}

const states: Readonly<Record<CheckState, string>> = {
  holds: 'holds',
  violated: 'violated',
  'cannot-tell': 'cannot tell',
  'not-recorded': 'not recorded',
};

export function assumptionViews({ validity }: Summary): readonly AssumptionView[] {
  return validity.map(({ fileName, checks }, source) => ({
    fileName: displayText(fileName, 200),
    checks: checks.map((check, index) => ({
      ref: `/validity/${String(source)}/checks/${String(index)}`,
      title: check.title,
      state: check.state === 'violated' && check.gravity === 'invalid' ? 'INVALID' : states[check.state],
      tone: toneOf(check),
      seen: seenOf(check),
      limit: formatCheckFigure(check.limit, check.unit),
      rule: `${fullStop(capitalised(check.rule))} If violated: ${fullStop(check.consequence)}`,
    })),
  }));
}

function toneOf({ state, gravity }: AssumptionCheck): AssumptionRow['tone'] {
  if (state === 'holds') return 'good';
  if (state !== 'violated') return 'neutral';
  return gravity === 'invalid' ? 'bad' : 'warning';
}

function seenOf({ figure, unit, worst, looked, violations }: AssumptionCheck): string {
  if (figure === null) return NO_NUMBER;
  const where =
    worst === null ? '' : ` (${displayText(worst.contender, 40)} in ${displayText(worst.caseId, 60)})`;
  const beyond =
    violations > 1 ? `; ${formatPlural(violations, 'series', 'series')} of ${String(looked)} beyond` : '';
  return `${formatCheckFigure(figure, unit)}${where}${beyond}`;
}
