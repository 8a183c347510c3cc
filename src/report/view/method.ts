/** How it was measured and judged, in plain words with the numbers of this run. */
import type { Summary } from '../../analysis/summary.js';
import type { CapacitySearch, OpenLoopPlan } from '../../results/schema.js';
import { displayText, formatNumber, formatPercent, formatQuantity, formatPlural } from '../format.js';
import { boundaryNames } from '../names.js';

export interface MethodPoint {
  readonly title: string;
  readonly text: string;
}

export function methodPoints(summary: Summary): readonly MethodPoint[] {
  const { design, statistics } = summary;
  const confidence = formatPercent(statistics.confidence);
  return [
    {
      title: 'One stream for all',
      text: `A workload and a seed make a stream of operations, named by its SHA-256. Every contender of a workload replayed the same stream through the same driver: ${formatPlural(design.workers, 'worker thread')} with ${formatPlural(design.connections, 'lane')} each${ownClients(summary)}.`,
    },
    {
      title: 'What a number includes',
      text: `${usedBoundaries(summary)} A ratio across two boundaries contains the price of leaving the process, and is marked where it stands.`,
    },
    {
      title: 'Trials',
      text: `A trial starts from fresh state (everything removed, all keys loaded), warms up for ${duration(design.warmupMs)} and measures one window of ${duration(design.windowMs)}. It gives one number a metric. The trial is the unit of every statement: n counts trials, never operations.`,
    },
    {
      title: 'Order of the trials',
      text: `Trials of the contenders were interleaved in ${formatPlural(design.blocksPerCase, 'mirrored block')} a workload (A B B A, in an order drawn from the seed), so that a machine that drifts evenly favours nobody.`,
    },
    {
      title: 'Load',
      text:
        design.loadModel === 'closed'
          ? 'Closed loop: a lane sends its next request when the last one is answered. This measures capacity. Latencies are those of a busy system from start to complete answer, not what users would see at a fixed rate of arrivals.'
          : `${openLoopText(design.openLoop)}${capacityText(design.capacity)}`,
    },
    {
      title: 'Verification',
      text: `Inside the window one read in ${formatNumber(design.verifyEvery)} was checked in full, and after it every key was read back. One wrong value voids the trial, and its numbers are kept out of everything.${floorText(summary)}`,
    },
    {
      title: 'Tests',
      text: `${usedTests(summary)} How much is the Hodges-Lehmann ratio with its ${confidence} confidence interval; how consistently is Cliff's delta, from −1 to +1, above 0 in favour of the candidate.`,
    },
    {
      title: 'Many comparisons',
      text: `${formatPlural(statistics.familySize, 'comparison was', 'comparisons were')} declared before the first trial. Their p-values are adjusted by Holm's method; a difference counts as shown when the adjusted p is below ${formatNumber(statistics.alpha)}, by blocks too where there are enough of them, and the interval lies on one side of 1×.`,
    },
    ...equivalencePoint(summary),
    { title: 'What this number of trials can show', text: reachText(summary) },
    {
      title: 'Latency percentiles',
      text: 'Latencies go to HdrHistograms with three significant digits. The histograms of all trials are merged; percentiles are never averaged. Tests use the percentile of each trial as one number.',
    },
  ];
}

function equivalencePoint({ statistics }: Summary): MethodPoint[] {
  if (statistics.margin === null) return [];
  return [
    {
      title: 'Equal within a margin',
      text: `Before the first trial a difference of ${formatPercent(statistics.margin)} was declared not to matter. "Equal within the margin" means that two one-sided Mann-Whitney tests showed a smaller one, after Holm's correction over all of these tests.`,
    },
  ];
}

function capacityText(search: CapacitySearch | null): string {
  if (search === null) return '';
  const unit = search.search === 'rate' ? 'operations/s' : 'clients';
  const what =
    search.clientRatePerSecond === null
      ? 'rate'
      : `number of clients (connections that ask ${formatQuantity(search.clientRatePerSecond, 'operations/s')} each)`;
  return (
    ` Each trial is one search for the highest ${what} at which ${displayText(search.objective.text, 40)} holds without saturation: ` +
    `from ${formatQuantity(search.from, unit)} by factors of ${formatNumber(search.growth)} until one fails, then by bisection ` +
    `until the lowest that failed is at most ${formatNumber(search.resolution)} times the highest that held; a load fails when it ` +
    `misses ${formatPlural(search.attempts, 'time')} in a row. Throughput and latencies beside a capacity are those at it.`
  );
}

function openLoopText(openLoop: OpenLoopPlan | null): string {
  if (openLoop === null) return 'Open loop.';
  const { arrivals, ratePerSecond, timeScale, maxInFlight, lateAfterMs, drainMs } = openLoop;
  const process = {
    constant: 'evenly spaced',
    poisson: 'at random (a Poisson process)',
    schedule: "as the workload's own schedule says",
  }[arrivals];
  const pace =
    ratePerSecond === null
      ? `${formatNumber(timeScale)} times as fast as recorded`
      : `at ${formatQuantity(ratePerSecond, 'operations/s')}`;
  return (
    `Open loop: requests fall due ${process}, ${pace}, and are sent then, whether earlier ones are answered or not. ` +
    'Latency counts from the intended start, so that no wait is left out; it is not comparable with that of a closed loop. ' +
    `Up to ${formatPlural(maxInFlight, 'request')} may be in flight on a connection; what falls due beyond waits. A request ` +
    `that starts more than ${duration(lateAfterMs)} after its intended start counts as late; what could not be sent within ` +
    `${duration(drainMs)} after the window is dropped. A trial is saturated when requests were dropped, or when the last ` +
    'answer came later after the window than 2 % of its length (10 ms at least).'
  );
}

function duration(milliseconds: number): string {
  return formatQuantity(milliseconds * 1e6, 'ns');
}

function usedBoundaries(summary: Summary): string {
  const rows = summary.cases.flatMap(({ contenders }) => contenders);
  const texts = [...new Map(rows.map((row) => [row.id, row])).values()].map(
    ({ label, boundary }) => `${displayText(label, 60)}: ${boundaryNames[boundary].long}.`,
  );
  return texts.length === 0 ? 'Every measured row names its boundary.' : texts.join(' ');
}

/** The tests that this report really contains, each with its methods and the number of comparisons. */
function usedTests(summary: Summary): string {
  const rows = summary.cases.flatMap(({ comparisons }) => comparisons);
  const used = rows.flatMap(({ test, paired }) => [
    ...(test === null ? [] : [`${test.name} (${test.method})`]),
    ...(paired === null ? [] : [`${paired.test.name} on blocks (${paired.test.method})`]),
  ]);
  if (used.length === 0) return 'No test could be made: no comparison has numbers on both sides.';
  const counts = [...new Set(used)].map(
    (name) => `${name} in ${formatPlural(used.filter((other) => other === name).length, 'comparison')}`,
  );
  return `Whether: ${counts.join('; ')}. Both are two-sided; "exact" counts every arrangement of the trials, "asymptotic" is the normal approximation with its corrections.`;
}

function reachText(summary: Summary): string {
  const detectable =
    ' Where no difference was shown, the smallest one stands beside it that so many trials with so much noise find in four of five cases.';
  const { mannWhitney, signedRank } = summary.statistics.canReachP001;
  const reach = (possible: boolean): string => (possible ? 'can' : 'cannot');
  return `With these trials and after correction, the Mann-Whitney test ${reach(mannWhitney)} reach p = 0.001 and the signed-rank test ${reach(signedRank)}.${summary.sources.some(({ quick }) => quick) ? ' This was a quick run: it has few trials on purpose.' : ''}${detectable}`;
}

/** Floors cannot be verified, and a page that has some must say so. */
function floorText({ cases }: Summary): string {
  const floors = cases.some(({ contenders }) => contenders.some(({ floor }) => floor));
  return floors
    ? ' Contenders marked as a floor answer without storing: nothing of theirs was verified, and they are compared with nothing.'
    : '';
}

function ownClients({ cases }: Summary): string {
  return cases.some(({ clients }) => clients !== null)
    ? ', apart from cases that set their own number of clients'
    : '';
}
