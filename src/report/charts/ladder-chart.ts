/** The ladder as a chart: into which steps the advantage over the best Redis splits, a row a workload. */
import { stepText } from '../../analysis/ladder-text.js';
import type { LadderStep, Summary } from '../../analysis/summary.js';
import { capitalised, displayText, formatBounds, formatPercent, formatQuantity } from '../format.js';
import { contenderNames, trialCounts } from './marks.js';
import type { ChartSpec } from './spec.js';

export function ladderChart(summary: Summary): ChartSpec {
  const rows = summary.cases.flatMap((row) =>
    row.ladder === null ? [] : [{ id: displayText(row.id, 60), steps: stepsOf(row.ladder) }],
  );
  const steps = rows.flatMap((row) => row.steps);
  const names = contenderNames(summary);
  const series = [...new Set(steps.map(stepText))];
  const confidence = formatPercent(summary.statistics.confidence);
  return {
    id: 'ladder',
    form: 'points',
    title: 'Where the throughput advantage comes from',
    subtitle: `How many times the operations per second each step brings, with ${confidence} confidence interval · ${trialCounts(steps.flatMap(({ trials }) => [trials.from, trials.to]))}`,
    alt: 'The steps from the best Redis to Predis in each workload, on a logarithmic axis. The table below holds the same numbers.',
    howToRead: `Each mark is the throughput after a step over that before it, and its whisker the ${confidence} confidence interval; right of the dashed line at 1× the step gains, left of it the step costs, and the steps of a row multiply to its advantage over the best Redis (packed batches come on top).`,
    axis: { label: 'Gain of the step, logarithmic scale', scale: 'logarithmic', unit: 'ratio', reference: 1 },
    rows: rows.map(({ id }) => id),
    series: series.map((label, index) => ({ label: capitalised(label), colour: index, marker: index })),
    marks: rows.flatMap(({ id, steps: own }, row) =>
      own.flatMap((step) =>
        step.ratio.estimate > 0
          ? [
              {
                row,
                series: series.indexOf(stepText(step)),
                value: step.ratio.estimate,
                low: step.ratio.low,
                high: step.ratio.high,
                trials: [],
                label: formatQuantity(step.ratio.estimate, 'ratio'),
                details: [
                  id,
                  `${names.get(step.to) ?? ''} over ${names.get(step.from) ?? ''}`,
                  `${formatQuantity(step.ratio.estimate, 'ratio')} ${formatBounds(step.ratio, 'ratio')}`,
                  `n = ${String(step.trials.to)} and ${String(step.trials.from)} trials`,
                  ...(step.crossesBoundary ? ['crosses a boundary'] : []),
                ],
              },
            ]
          : [],
      ),
    ),
  };
}

function stepsOf(ladder: {
  readonly steps: readonly LadderStep[];
  readonly packed: LadderStep | null;
}): LadderStep[] {
  return [...ladder.steps, ...(ladder.packed === null ? [] : [ladder.packed])];
}
