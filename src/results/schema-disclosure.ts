/** What the result file discloses beside its measurements: docs/result-file.md#disclosure. */
import type { Static } from 'typebox';
import { Type } from '../support/json-schema.js';
import { amount, closed, count, nullable } from './schema-parts.js';

const told = (description: string) => nullable(Type.String({ description }));

export const HostSchema = closed(
  {
    hardware: told('Vendor and product of machine or guest, as its firmware says'),
    governors: told('Frequency governors of all processors'),
    turbo: nullable(Type.Boolean()),
    smt: nullable(Type.Boolean()),
    physicalCores: nullable(count()),
    usableCpus: nullable(count('That this process may run on, affinity included')),
    numaNodes: nullable(count()),
    usableNumaNodes: nullable(count('That those processors belong to')),
    cpuQuota: nullable(
      amount("Processors' worth that the control group allows; null: no limit, or not told"),
    ),
    frequencyMhz: nullable(amount('Mean of all processors at the start')),
    maxFrequencyMhz: nullable(amount()),
    lastLevelCacheBytes: nullable(count('Largest cache of processor 0')),
    clockSource: told('What the kernel reads time from'),
    availableMemoryBytes: nullable(count('At the start')),
    swapUsedBytes: nullable(count('At the start')),
    overcommitMemory: nullable(count('vm.overcommit_memory')),
    gpuModes: told('Persistence, ECC and MIG of every GPU that the driver shows'),
    placement: Type.String({ description: 'Where client and servers ran, and how they were pinned' }),
  },
  'The machine in more detail; null: it does not say',
);

/** Names that `run --disclose <name=value>` takes, each with what it is about. */
export const declarations = {
  ranBy: 'Who ran the measurement',
  owner: 'Who owns the engines that were compared',
  tuning: 'Who tuned each engine, how, and for how long',
  correctionsContact: 'Where to send corrections',
  cloud: 'Provider and kind of guest',
  container: 'Digest of the container image',
  power: 'Watts of the machine, and how they were measured',
  price: 'Price of the machine, with its date',
  reproducedBy: 'Last independent reproduction: by whom and when',
  bundle: 'Where the signed bundle of raw data lies',
  quoteUntil: 'Date after which the numbers should no longer be quoted',
} as const;
export type DeclarationName = keyof typeof declarations;

const declared = Object.fromEntries(
  Object.entries(declarations).map(([name, description]) => [name, told(description)]),
) as Record<DeclarationName, ReturnType<typeof told>>;

export const DisclosureSchema = closed(
  {
    status: Type.String({ description: "'self-reported, unaudited' until somebody audits" }),
    conflictOfInterest: Type.String(),
    featureGaps: Type.Array(Type.String(), {
      description: 'What one of the engines does and another does not',
    }),
    restarts: Type.Optional(
      Type.String({ description: 'What is made anew for every trial, and what lives for the run' }),
    ),
    stoppingRule: Type.String({ description: 'Fixed before the first trial' }),
    exclusions: Type.Array(closed({ what: Type.String(), reason: Type.String() }), {
      description: 'Trials left out by hand, each with its reason; void and failed trials say so themselves',
    }),
    harness: Type.String({ description: 'How latencies are recorded' }),
    distributionFit: told('How well the streams fit their distributions'),
    phases: Type.String({ description: 'What happens in a trial, in order' }),
    declared: closed(declared, 'What no machine can know: as given with --disclose, null where nothing was'),
  },
  'What a reader needs to judge the numbers beside the numbers',
);

export const ConfigurationSchema = closed(
  {
    comparedWith: Type.String({ description: 'Whose defaults' }),
    differs: nullable(
      Type.Record(Type.String(), Type.String(), {
        description: 'Settings that differ, secrets, paths and hosts masked; null: the server refuses CONFIG',
      }),
    ),
  },
  "A server's settings that differ from its defaults",
);

export const TrialConditionsSchema = closed(
  {
    observedMs: amount('From before the sessions were opened to the end of the window'),
    cpus: count('Logical processors of the machine'),
    machineBusyMs: nullable(amount('Processor time of everything on the machine meanwhile')),
    stolenMs: nullable(amount('Processor time that a hypervisor took')),
    clientCpuMs: amount('Processor time of this tool, and of an engine inside of it'),
    serverCpuMs: nullable(
      amount('Processor time of the servers that this tool started; null: it knows none'),
    ),
    throttledPeriods: nullable(count('Periods in which the control group was held back')),
    calibrationNs: amount(
      'A fixed amount of arithmetic just before the trial: the fastest of several rounds',
    ),
    frequencyMhz: nullable(amount('Mean of all processors just before the trial')),
  },
  'What went on around a trial',
);

export type Host = Static<typeof HostSchema>;
export type Disclosure = Static<typeof DisclosureSchema>;
export type EngineConfiguration = Static<typeof ConfigurationSchema>;
export type TrialConditions = Static<typeof TrialConditionsSchema>;
