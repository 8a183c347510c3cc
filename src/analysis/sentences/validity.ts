import { describePValue, formatRatio } from '../../support/format.js';
import { metricDefinition } from '../metrics.js';
import type { Sentence } from '../summary.js';
import { quoted, sentence, shown, type SummaryFacts } from './sentence.js';

/** One sentence for each session that is invalid, with every difference that its control found. Empty where none is. */
export function invalidSessions(facts: SummaryFacts): Sentence[] {
  return facts.validity.flatMap(({ valid, control }, index) => {
    if (valid) return [];
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
