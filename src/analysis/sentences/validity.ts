import { describePValue, formatRatio } from '../../support/format.js';
import { metricDefinition } from '../metrics.js';
import { formatCheckFigure } from '../check-text.js';
import type { AssumptionCheck, Sentence } from '../summary.js';
import { quoted, sentence, shown, type SummaryFacts } from './sentence.js';

/** Why sessions are invalid: every difference that a control found, and every check that no reading of the numbers survives. */
export function invalidSessions(facts: SummaryFacts): Sentence[] {
  return [...failedControls(facts), ...failedChecks(facts)];
}

function failedControls(facts: SummaryFacts): Sentence[] {
  return facts.validity.flatMap(({ control }, index) => {
    if (control.state !== 'failed') return [];
    const pointer = `/validity/${String(index)}`;
    const found = control.comparisons.flatMap(({ verdict, metric }, i) => {
      if (verdict !== 'candidate-better' && verdict !== 'baseline-better') return [];
      const comparison = `${pointer}/control/comparisons/${String(i)}`;
      return [
        [
          quoted(`${comparison}/caseId`),
          `, ${metricDefinition(metric).name}: `,
          shown(`${comparison}/ratio/estimate`, formatRatio),
          ' (',
          shown(`${comparison}/test/adjustedPValue`, describePValue),
          ')',
        ],
      ];
    });
    return [
      sentence(
        facts,
        'bad',
        'INVALID: the session in ',
        quoted(`${pointer}/fileName`),
        ' compared ',
        quoted(`${pointer}/control/contender`),
        ' with itself and found a difference that is not there (',
        ...found.flatMap((words, i) => (i === 0 ? words : ['; ', ...words])),
        '), so nothing in it may be called faster or slower. In a sound session this happens with a probability of at most ',
        shown(`${pointer}/control/alpha`, String),
        ', after correction over ',
        shown(`${pointer}/control/familySize`),
        ' comparisons.',
      ),
    ];
  });
}

/** Checks that make a session invalid. */
function failedChecks(facts: SummaryFacts): Sentence[] {
  return violated(facts, 'invalid', 'bad', 'INVALID: an assumption of the session in ');
}

/** Assumptions that do not hold, but leave something to be read. */
export function violatedAssumptions(facts: SummaryFacts): Sentence[] {
  return violated(facts, 'caution', 'warning', 'An assumption does not hold in ');
}

function violated(
  facts: SummaryFacts,
  gravity: AssumptionCheck['gravity'],
  tone: Sentence['tone'],
  opening: string,
): Sentence[] {
  return facts.validity.flatMap(({ checks }, index) =>
    checks.flatMap((check, c) => {
      if (check.state !== 'violated' || check.gravity !== gravity) return [];
      const pointer = `/validity/${String(index)}/checks/${String(c)}`;
      const write = (value: number): string => formatCheckFigure(value, check.unit);
      return [
        sentence(
          facts,
          tone,
          opening,
          quoted(`/validity/${String(index)}/fileName`),
          gravity === 'invalid' ? ' does not hold (' : ' (',
          quoted(`${pointer}/title`),
          '): ',
          shown(`${pointer}/figure`, write),
          ...(check.worst === null
            ? []
            : [' for ', quoted(`${pointer}/worst/contender`), ' in ', quoted(`${pointer}/worst/caseId`)]),
          ', the limit is ',
          shown(`${pointer}/limit`, write),
          ...(check.violations > 1
            ? [', beyond it are ', shown(`${pointer}/violations`), ' of ', shown(`${pointer}/looked`)]
            : []),
          '; ',
          quoted(`${pointer}/consequence`),
          '.',
        ),
      ];
    }),
  );
}

/** Sessions without a control, or with one that could not have found anything. */
export function missingControls(facts: SummaryFacts): Sentence[] {
  return facts.validity.flatMap(({ control }, index) => {
    const fileName = quoted(`/validity/${String(index)}/fileName`);
    if (control.state === 'not-controlled') {
      return [
        sentence(
          facts,
          'warning',
          'Not controlled: the session in ',
          fileName,
          ' compared no engine with itself, so that nobody knows whether it finds differences where there are none.',
        ),
      ];
    }
    if (control.state !== 'cannot-tell') return [];
    return [
      sentence(
        facts,
        'warning',
        'The A/A control of the session in ',
        fileName,
        ' has too few trials to find a difference: it shows nothing.',
      ),
    ];
  });
}
