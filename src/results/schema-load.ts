/** The parts of the result file's schema that tell how engines were loaded, and how long they took. */
import { Type } from '../support/json-schema.js';
import { amount, closed, count, nullable } from './schema-parts.js';

export const ArrivalFactsSchema = closed(
  {
    ratePerSecond: amount('Operations that fall due in a second, on average over one pass of the stream'),
    requestsPerSecond: amount(),
    periodNs: amount('Length of one pass; the arrivals then begin again'),
  },
  "Open loop: when the stream's requests fall due. The intended starts are part of the stream's SHA-256",
);

export const OpenLoopSchema = closed(
  {
    arrivals: Type.Union([Type.Literal('constant'), Type.Literal('poisson'), Type.Literal('schedule')]),
    ratePerSecond: nullable(amount('Operations a second, as asked for; null: as the schedule has it')),
    timeScale: Type.Number({ exclusiveMinimum: 0, description: 'How many times faster a schedule runs' }),
    maxInFlight: Type.Integer({
      minimum: 1,
      description: 'Requests in flight on each connection; what falls due beyond waits, and is late',
    }),
    lateAfterMs: amount('A request that starts later than this after its intended start counts as late'),
    drainMs: amount(
      'How long after the window requests that fell due inside it are still sent; the rest is dropped',
    ),
  },
  'Open loop: requests are sent when they fall due, whatever the engine does',
);

export const ObjectiveSchema = closed(
  {
    text: Type.String({ description: "As given, e.g. 'p99<5ms'" }),
    statistic: Type.Union([
      Type.Literal('p50'),
      Type.Literal('p90'),
      Type.Literal('p95'),
      Type.Literal('p99'),
      Type.Literal('p999'),
      Type.Literal('p9999'),
      Type.Literal('max'),
    ]),
    limitNs: Type.Number({ exclusiveMinimum: 0 }),
  },
  'A latency objective: it holds when the latency from the intended start is below the limit, in a trial that is not saturated',
);

export const CapacitySearchSchema = closed(
  {
    objective: ObjectiveSchema,
    search: Type.Union([Type.Literal('rate'), Type.Literal('clients')], {
      description: "What grows: operations a second, or connections that each ask 'clientRatePerSecond'",
    }),
    clientRatePerSecond: nullable(
      amount('Operations a second of each client; null when the rate is searched'),
    ),
    from: amount('Lowest load tried'),
    to: amount('Highest load tried'),
    growth: Type.Number({ exclusiveMinimum: 1, description: 'From one load to the next until one fails' }),
    resolution: Type.Number({
      exclusiveMinimum: 1,
      description: 'Bisection ends when failed/held is not above this',
    }),
    attempts: Type.Integer({ minimum: 1, description: 'A load fails when it misses so many times in a row' }),
  },
  'Each trial is one search for the highest load at which the objective holds; the rule is fixed here',
);

export const LatencySchema = closed(
  {
    count: count('Requests recorded'),
    minNs: amount(),
    meanNs: amount(),
    p50Ns: amount(),
    p90Ns: amount(),
    p95Ns: amount(),
    p99Ns: amount(),
    p999Ns: amount(),
    p9999Ns: amount(),
    maxNs: amount(),
    histogram: Type.String({
      description: 'HdrHistogram V2, deflated, base64; nanoseconds, 3 significant digits',
    }),
  },
  'Time from the start of a request to its complete answer, in open loop from its intended start; a batch is one request',
);

export const TrialOpenLoopSchema = closed(
  {
    offeredRequests: count('Requests that fell due inside the window'),
    offeredOperations: count(),
    offeredPerSecond: amount('Operations that fell due inside the window, over its length'),
    achievedPerSecond: amount(
      'Operations answered, over the time from the start of the window to the last answer',
    ),
    droppedRequests: count(
      'Fell due inside the window and were not sent before plan.openLoop.drainMs had passed',
    ),
    lateRequests: count('Started more than plan.openLoop.lateAfterMs after their intended start'),
    largestInFlight: count('Most requests in flight at once, in one worker'),
    drainNs: amount('From the end of the window to the last answer'),
    saturated: Type.Boolean({
      description:
        'Requests were dropped, or the last answer came later after the end of the window than 2 % of its length (10 ms at least)',
    }),
    serviceTime: LatencySchema,
    startDelay: LatencySchema,
    generatorLag: LatencySchema,
  },
  'Open loop only. latency = startDelay + serviceTime: from intended to real start, and from there to the answer. generatorLag is the part of the start delay that is not waiting for the engine: how late the generator itself was',
);

export const CapacityProbeSchema = closed({
  load: amount('Operations a second, or clients'),
  held: Type.Boolean(),
  latencyNs: amount('Of the statistic that the objective names'),
  offeredPerSecond: amount(),
  achievedPerSecond: amount(),
  saturated: Type.Boolean(),
});

export const TrialCapacitySchema = closed(
  {
    held: amount('Highest load at which the objective held; 0: at none'),
    failed: nullable(amount('Lowest load at which it failed; null: at none')),
    probes: Type.Array(CapacityProbeSchema, { minItems: 1, description: 'In the order in which they ran' }),
  },
  'Capacity search only; the other measurements are those of the highest load that held, or of the lowest tried',
);
