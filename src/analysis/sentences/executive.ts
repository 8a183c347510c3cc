import { formatPlural, formatRatio } from '../../support/format.js';
import { resolvePointer } from '../../support/json-pointer.js';
import { metricDefinition } from '../metrics.js';
import type { ComparisonSummary, Sentence } from '../summary.js';
import type { Standing } from '../standings.js';
import { hardestComparisons } from './comparison-text.js';
import { headlineSentence, importance } from './headline.js';
import { quoted, sentence, shown, type Shown, type SummaryFacts } from './sentence.js';

/** Cases that are named where Redis was ahead; a sentence with more says so. */
const NAMED = 5;

/**
 * The whole in a few sentences: one for each contender and metric, over all cases, throughput first; with the cases in which
 * Redis was ahead, and both ends of the range. Where there is one case alone, what there is to say about it.
 */
export function executive(facts: SummaryFacts): Sentence[] {
  const standings = facts.standings.map((standing, index) => ({ standing, index }));
  if (standings.length === 0) {
    return [sentence(facts, 'neutral', 'This run compared nothing with Redis, so that nothing can be said.')];
  }
  return standings
    .sort((a, b) => importance.indexOf(a.standing.metric) - importance.indexOf(b.standing.metric))
    .map(({ standing, index }) => {
      const only = standing.cases === 1 ? theOne(facts, standing) : undefined;
      return only === undefined
        ? overCases(facts, standing, `/standings/${String(index)}`)
        : headlineSentence(facts, only);
    });
}

function theOne(
  facts: SummaryFacts,
  { least }: Standing,
): ReturnType<typeof hardestComparisons>[number] | undefined {
  return hardestComparisons(facts).find(({ pointer }) => pointer === least);
}

function overCases(facts: SummaryFacts, standing: Standing, pointer: string): Sentence {
  const { metric, ahead, behind, undecided, cases, behindIn, crossesBoundary, least, largest } = standing;
  const names = behindIn
    .slice(0, NAMED)
    .flatMap((_, index): (string | Shown)[] => [
      ...(index === 0 ? [] : [', ']),
      quoted(`${pointer}/behindIn/${String(index)}`),
    ]);
  return sentence(
    facts,
    toneOf({ ahead, behind, cases }),
    `${metricDefinition(metric).name}: `.replace(/^[a-z](?=[a-z])/, (letter) => letter.toUpperCase()),
    quoted(`${pointer}/label`),
    ' was ahead of the best Redis in ',
    shown(`${pointer}/ahead`),
    ' of ',
    shown(`${pointer}/cases`, (count) => formatPlural(count, 'case')),
    ', behind it in ',
    shown(`${pointer}/behind`),
    ...(behind === 0 ? [] : [' (', ...names, ...(behindIn.length > NAMED ? [' and others'] : []), ')']),
    ...(undecided === 0 ? [] : [', and in ', shown(`${pointer}/undecided`), ' neither was shown']),
    '; the advantage runs from ',
    ...end(facts, least),
    ' to ',
    ...end(facts, largest),
    ', where less than one favours Redis',
    ...(crossesBoundary && metric !== 'memory'
      ? ['; measured across boundaries, which includes the cost of leaving the process']
      : []),
    '.',
  );
}

function end(facts: SummaryFacts, pointer: string): (string | Shown)[] {
  const { advantage } = resolvePointer(facts, pointer) as ComparisonSummary;
  return [
    shown(`${pointer}/advantage/estimate`, formatRatio),
    ...(typeof advantage?.low !== 'number' || advantage.high === null
      ? []
      : [
          ' [',
          shown(`${pointer}/advantage/low`, formatRatio),
          ', ',
          shown(`${pointer}/advantage/high`, formatRatio),
          ']',
        ]),
    ' in ',
    quoted(`${pointer}/caseId`),
  ];
}

/** Good only where it is ahead everywhere, bad where Redis is ahead more often. */
function toneOf({ ahead, behind, cases }: Pick<Standing, 'ahead' | 'behind' | 'cases'>): Sentence['tone'] {
  if (ahead === cases) return 'good';
  if (behind > ahead) return 'bad';
  return behind > 0 ? 'warning' : 'neutral';
}
