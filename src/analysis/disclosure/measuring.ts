/** How it was measured and judged: items 8 to 12. */
import type { ResultFile } from '../../results/schema.js';
import {
  formatCount,
  formatDuration,
  formatPercent,
  formatPlural,
  formatRate,
} from '../../support/format.js';
import { perFile, quote, unique, type DisclosureContext, type DisclosureItem } from './part.js';

const measured = (result: ResultFile) =>
  result.trials.flatMap((trial) => (trial.state === 'measured' ? [trial.measurements] : []));

const milliseconds = (ms: number): string => formatDuration(ms * 1e6);

const isOpen = ({ results }: DisclosureContext): boolean =>
  results.some(({ plan }) => plan.loadModel === 'open');

export const loadModel: DisclosureItem = {
  topic: 'Load model',
  parts: [
    {
      name: 'kind of loop',
      pointers: ['/plan/loadModel', '/plan/openLoop/arrivals', '/plan/openLoop/ratePerSecond'],
      say: perFile(({ plan: { loadModel: loop, openLoop } }) =>
        openLoop === undefined
          ? `${loop} loop`
          : `${loop} loop, ${openLoop.arrivals} arrivals${openLoop.ratePerSecond === null ? '' : ` at ${formatRate(openLoop.ratePerSecond)}`}`,
      ),
    },
    {
      name: 'clients',
      pointers: [
        '/plan/workers',
        '/plan/connections',
        '/plan/cases/*/clients',
        '/plan/contenders/*/pipelineDepth',
      ],
      say: perFile(({ plan }) => {
        const own = plan.cases.filter(({ clients }) => clients !== undefined).length;
        return `${formatPlural(plan.workers, 'worker thread')} with ${formatPlural(plan.connections, 'connection')} each${own === 0 ? '' : `; ${formatPlural(own, 'case sets its own', 'cases set their own')}`}`;
      }),
    },
    {
      name: 'latency at a fixed rate, from the intended start',
      pointers: [
        '/trials/*/measurements/openLoop/offeredPerSecond',
        '/trials/*/measurements/openLoop/achievedPerSecond',
      ],
      say: (context) =>
        isOpen(context) ? ['asked and reached rates, latency and service time in each workload'] : [],
    },
    {
      name: 'schedule lag, late and dropped operations, saturation',
      pointers: [
        '/trials/*/measurements/openLoop/generatorLag',
        '/trials/*/measurements/openLoop/lateRequests',
        '/trials/*/measurements/openLoop/droppedRequests',
        '/trials/*/measurements/openLoop/saturated',
        '/plan/loadModel',
      ],
      say: (context) =>
        isOpen(context)
          ? ['in each workload']
          : ['none can occur: in closed loop a request is sent when the one before is answered'],
    },
  ],
};

export const measurement: DisclosureItem = {
  topic: 'Measurement',
  parts: [
    {
      name: 'clock',
      pointers: [
        '/environment/clockResolutionNs',
        '/environment/clockOverheadNs',
        '/environment/host/clockSource',
      ],
      say: perFile(({ environment }) => {
        const source = environment.host?.clockSource ?? null;
        return `resolution ${formatDuration(environment.clockResolutionNs)}, one reading costs ${formatDuration(environment.clockOverheadNs)}${source === null ? '' : `, source ${quote(source, 30)}`}`;
      }),
    },
    {
      name: 'histograms',
      pointers: ['/disclosure/harness', '/trials/*/measurements/latency/all/histogram'],
      say: perFile(({ disclosure }) =>
        quote(disclosure?.harness ?? 'HdrHistogram, 3 significant digits, merged over trials', 300),
      ),
    },
    {
      name: 'cost of the harness itself',
      pointers: ['/plan/contenders/*/floor'],
      say: ({ facts }) =>
        facts.cases.some(({ floors }) => floors.length > 0)
          ? ['shares of the no-op floors under "The ladder"']
          : [],
    },
    {
      name: 'efficiency of the harness',
      pointers: ['/ceilings/*/runs/*/requestsPerSecond'],
      say: ({ facts }) =>
        facts.cases.some(({ ceilings }) =>
          ceilings.some(({ harnessEfficiency }) => harnessEfficiency !== null),
        )
          ? ['against redis-benchmark, in each workload']
          : [],
    },
    {
      name: 'CPU use of client and servers',
      pointers: [
        '/trials/*/measurements/client/eventLoopUtilization',
        '/trials/*/measurements/client/cpuUserMs',
        '/trials/*/measurements/conditions/clientCpuMs',
        '/trials/*/measurements/conditions/serverCpuMs',
      ],
      say: ({ results }: DisclosureContext): readonly string[] => {
        const conditions = results.flatMap(measured).flatMap((trial) => trial.conditions ?? []);
        const watchedMs = conditions.reduce((sum, { observedMs }) => sum + observedMs, 0);
        if (watchedMs === 0) return [];
        const cpus = (ms: number): string => String(Math.round((ms / watchedMs) * 100) / 100);
        const clientMs = conditions.reduce((sum, { clientCpuMs }) => sum + clientCpuMs, 0);
        const serverMs = conditions.reduce((sum, { serverCpuMs }) => sum + (serverCpuMs ?? 0), 0);
        return [
          `over all trials the tool and the engines inside of it took ${cpus(clientMs)} CPUs, servers that it started ${cpus(serverMs)}; see the assumption checks`,
        ];
      },
    },
  ],
};

export const phases: DisclosureItem = {
  topic: 'Phases',
  parts: [
    {
      name: 'what happens in a trial',
      pointers: ['/disclosure/phases', '/plan/warmupMs', '/plan/windowMs'],
      say: perFile(({ disclosure, plan }) =>
        quote(
          disclosure?.phases ??
            `fresh state, warm-up of ${milliseconds(plan.warmupMs)}, window of ${milliseconds(plan.windowMs)}`,
          400,
        ),
      ),
    },
    {
      name: 'loading',
      pointers: ['/trials/*/measurements/loadMs'],
      say: ({ results }: DisclosureContext): readonly string[] => {
        const times = results.flatMap(measured).map(({ loadMs }) => loadMs);
        return times.length === 0
          ? []
          : [
              `${milliseconds(Math.min(...times))} to ${milliseconds(Math.max(...times))} a trial, not part of any number`,
            ];
      },
    },
    {
      name: 'garbage collections',
      pointers: ['/trials/*/measurements/client/gcPauses', '/trials/*/measurements/client/gcMs'],
      say: ({ results }: DisclosureContext): readonly string[] => {
        const clients = results.flatMap(measured).map(({ client }) => client);
        const known = clients.filter(({ gcPauses }) => gcPauses !== undefined);
        if (known.length === 0) return [];
        const pauses = known.reduce((sum, { gcPauses = 0 }) => sum + gcPauses, 0);
        const ms = known.reduce((sum, { gcMs = 0 }) => sum + gcMs, 0);
        return [
          `${formatCount(pauses)} in the windows of ${formatPlural(known.length, 'trial')}, ${milliseconds(ms)} together`,
        ];
      },
    },
  ],
};

export const design: DisclosureItem = {
  topic: 'Design',
  parts: [
    {
      name: 'runs and order',
      pointers: ['/plan/blocksPerCase', '/plan/cases/*/blocks', '/plan/seed', '/trials/*/startedAt'],
      say: perFile(
        ({ plan, trials }) =>
          `${formatCount(trials.length)} trials, ${formatPlural(plan.blocksPerCase, 'mirrored block')} a case in an order drawn from seed ${String(plan.seed)}`,
      ),
    },
    {
      name: 'restarts',
      pointers: ['/disclosure/restarts'],
      say: perFile(({ disclosure }) =>
        disclosure?.restarts === undefined ? null : quote(disclosure.restarts, 300),
      ),
    },
    {
      name: 'exclusions',
      pointers: ['/disclosure/exclusions'],
      say: perFile(({ disclosure }) =>
        disclosure === undefined
          ? null
          : disclosure.exclusions.length === 0
            ? 'none'
            : disclosure.exclusions.map(({ what, reason }) => `${quote(what)}: ${quote(reason)}`).join('; '),
      ),
    },
    {
      name: 'stopping rule',
      pointers: ['/disclosure/stoppingRule', '/plan/stopping'],
      say: perFile(({ disclosure }) =>
        disclosure === undefined ? null : quote(disclosure.stoppingRule, 300),
      ),
    },
    {
      name: 'every trial',
      pointers: ['/trials'],
      say: () => ['in this report, under "Every trial", and in the result file'],
    },
  ],
};

export const statistics: DisclosureItem = {
  topic: 'Statistics',
  parts: [
    {
      name: 'unit of analysis, test, effect',
      pointers: ['/trials/*/measurements/throughputPerSecond', '/plan/alpha', '/plan/confidence'],
      say: ({ facts }) => [
        `the trial; Mann-Whitney U (exact or asymptotic, ties by midranks) beside each p, Hodges-Lehmann ratio with its ${formatPercent(facts.statistics.confidence)} interval, Cliff's delta`,
      ],
    },
    {
      name: 'family and correction',
      pointers: ['/plan/comparisons', '/plan/alpha'],
      say: ({ facts }) => [
        `${formatPlural(facts.statistics.familySize, 'comparison')} declared before the first trial, Holm, alpha ${String(facts.statistics.alpha)}; p is printed as a number`,
      ],
    },
    {
      name: 'A/A control',
      pointers: ['/plan/control'],
      say: ({ facts }) =>
        unique(
          facts.validity.flatMap(({ control }) =>
            control.state === 'not-controlled'
              ? []
              : [
                  `${quote(control.contender ?? '', 40)} against itself: ${control.state.replaceAll('-', ' ')}, ${formatPlural(control.familySize, 'comparison')}, ${formatPlural(control.extraTrials, 'extra trial')}`,
                ],
          ),
        ),
    },
    {
      name: 'smallest effect that could be found',
      pointers: ['/trials/*/measurements/throughputPerSecond'],
      say: ({ facts }) =>
        facts.cases.some(({ comparisons }) => comparisons.some(({ detectable }) => detectable !== null))
          ? ['beside each comparison: what would have been found in four of five cases']
          : [],
    },
    {
      name: 'margin of equivalence',
      pointers: ['/plan/margin'],
      say: perFile(({ plan }) =>
        plan.margin === undefined ? null : `${formatPercent(plan.margin)}, declared before the first trial`,
      ),
    },
  ],
};
