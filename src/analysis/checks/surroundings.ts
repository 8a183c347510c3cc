/** What else could have made the numbers: the client, the clock of the processor, other programs, the timer. */
import type { TrialConditions } from '../../results/schema.js';
import { median, quantile } from '../../stats/index.js';
import type { AssumptionCheck } from '../summary.js';
import { judged, unmade, type Card, type Finding, type Series, type Session } from './check.js';

const clientCard: Card = {
  id: 'client',
  title: 'Client not the bottleneck',
  unit: 'share',
  limit: 0.95,
  rule: 'event-loop utilisation of the driving threads for a contender behind a socket, median over trials; violated at the limit and above while its server took less than 0.8 of a processor: then the client is at its end and the server is not',
  consequence:
    'a client with more threads, or one in C, would get more out of that server: see the harness efficiency',
};
const driftCard: Card = {
  id: 'clock-drift',
  title: 'Steady clock of the processor',
  unit: 'ratio',
  limit: 1.1,
  rule: 'time of a fixed amount of arithmetic before each trial: its 95th percentile over its 5th; violated above the limit',
  consequence: 'heat, a governor or a neighbour changed the speed of the processor from trial to trial',
};
const gpuCard: Card = {
  id: 'gpu-clock',
  title: 'Steady clock of the GPU',
  unit: 'ratio',
  limit: 1.1,
  rule: 'mean clock of the multiprocessors in each window: its 95th percentile over its 5th; violated above the limit',
  consequence: 'heat or power changed the speed of the GPU from trial to trial',
};
const loadCard: Card = {
  id: 'other-load',
  title: 'No other load',
  unit: 'cpus',
  limit: 0.25,
  rule: 'processor time of everything on the machine less that of this tool and of its servers, over all trials; violated above the limit, a quarter of one processor',
  consequence:
    'absolute numbers are those of a shared machine; interleaving spreads even load over all contenders, and the A/A control finds uneven load',
};
const stolenCard: Card = {
  id: 'stolen-time',
  title: 'No time stolen or held back',
  unit: 'share',
  limit: 0.01,
  rule: 'share of all processor time that a hypervisor took or, if greater, share of trials in which the control group was held back; violated above the limit',
  consequence: 'threads were stopped in the middle of requests: high percentiles show that, not the engines',
};
const timerCard: Card = {
  id: 'timer',
  title: 'Timer fine enough',
  unit: 'share',
  limit: 0.25,
  rule: 'step of the clock, or cost of reading it, whichever is greater, over the median latency of a compared contender; violated above the limit, and from 1 on the session is invalid, as such latencies cannot be told from nothing',
  consequence: 'part of the shortest latencies is the clock itself',
};

/** A server below this much of a processor has time left. */
const SERVER_BUSY_CPUS = 0.8;

export function client({ series }: Session): AssumptionCheck {
  const behindSocket = series.filter(({ contender }) => contender.boundary === 'socket');
  return judged(
    clientCard,
    behindSocket.map((one): Finding => {
      const utilisation = median(
        one.trials.map(({ measurements }) => measurements.client.eventLoopUtilization),
      );
      const shares = conditionsOf(one).flatMap(({ serverCpuMs, observedMs }) =>
        serverCpuMs === null || observedMs <= 0 ? [] : [serverCpuMs / observedMs],
      );
      const idle = shares.length === 0 || median(shares) < SERVER_BUSY_CPUS;
      return { series: one, figure: utilisation, violated: utilisation >= clientCard.limit && idle };
    }),
  );
}

export function clockDrift({ series }: Session): AssumptionCheck {
  const times = series.flatMap(conditionsOf).map(({ calibrationNs }) => calibrationNs);
  if (times.length === 0) return unmade(driftCard, 'not-recorded');
  return spread(driftCard, times);
}

/** null where no contender ran on a GPU. */
export function gpuClock({ series }: Session): AssumptionCheck | null {
  const onGpu = series.filter(({ trials }) =>
    trials.some(({ measurements }) => measurements.gpu !== undefined),
  );
  if (onGpu.length === 0) return null;
  const clocks = onGpu.flatMap(({ trials }) =>
    trials.flatMap(({ measurements }) => measurements.gpu?.readings.smClockMhz?.mean ?? []),
  );
  return clocks.length === 0 ? unmade(gpuCard, 'not-recorded') : spread(gpuCard, clocks);
}

/** Fewer give no percentile worth its name. */
const FEWEST_FOR_SPREAD = 8;

function spread(card: Card, values: readonly number[]): AssumptionCheck {
  const positive = values.filter((value) => value > 0);
  if (positive.length < FEWEST_FOR_SPREAD) return unmade(card, 'cannot-tell');
  const ratio = quantile(positive, 0.95) / quantile(positive, 0.05);
  return judged(card, [{ series: null, figure: ratio, violated: ratio > card.limit }]);
}

/** The kernel counts in steps of 10 ms for each processor: a hundred of them make a share worth its name. */
const FEWEST_OBSERVED_MS = 1000;

export function otherLoad({ series }: Session): AssumptionCheck {
  const seen = series.flatMap(conditionsOf);
  if (seen.length === 0) return unmade(loadCard, 'not-recorded');
  let [othersMs, observedMs] = [0, 0];
  for (const one of seen) {
    if (one.machineBusyMs === null || one.serverCpuMs === null) continue;
    othersMs += one.machineBusyMs - one.clientCpuMs - one.serverCpuMs;
    observedMs += one.observedMs;
  }
  if (observedMs < FEWEST_OBSERVED_MS) return unmade(loadCard, 'cannot-tell');
  const cpus = Math.max(0, othersMs / observedMs);
  return judged(loadCard, [{ series: null, figure: cpus, violated: cpus > loadCard.limit }]);
}

export function stolenTime({ series }: Session): AssumptionCheck {
  const seen = series.flatMap(conditionsOf);
  if (seen.length === 0) return unmade(stolenCard, 'not-recorded');
  const told = seen.filter(({ stolenMs, cpus }) => stolenMs !== null && cpus > 0);
  const allMs = told.reduce((sum, { observedMs, cpus }) => sum + observedMs * cpus, 0);
  if (allMs < FEWEST_OBSERVED_MS) return unmade(stolenCard, 'cannot-tell');
  const stolen = told.reduce((sum, { stolenMs }) => sum + (stolenMs ?? 0), 0) / allMs;
  const held = seen.filter(({ throttledPeriods }) => (throttledPeriods ?? 0) > 0).length / seen.length;
  const share = Math.max(stolen, held);
  return judged(stolenCard, [{ series: null, figure: share, violated: share > stolenCard.limit }]);
}

export function timer({ result, series }: Session): AssumptionCheck {
  const { clockResolutionNs, clockOverheadNs } = result.environment;
  const findings = series
    .filter(({ compared }) => compared)
    .map((one): Finding => {
      const latencyNs = median(one.trials.map(({ measurements }) => measurements.latency.all.p50Ns));
      const share = Math.max(clockResolutionNs, clockOverheadNs) / Math.max(1, latencyNs);
      return { series: one, figure: share, violated: share > timerCard.limit };
    });
  const coarse = findings.some(({ figure }) => figure >= 1);
  return judged(timerCard, findings, Math.abs, coarse ? 'invalid' : 'caution');
}

const conditionsOf = ({ trials }: Series): TrialConditions[] =>
  trials.flatMap(({ measurements }) => measurements.conditions ?? []);
