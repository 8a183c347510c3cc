import { operationsParameter, readShareParameter } from './common-parameters.js';
import { createBernoulli } from './distributions/bernoulli.js';
import { createUniform } from './distributions/uniform.js';
import { SMALLEST_FILLER_VALUE_BYTES, fillerKeySpace } from './key-spaces/filler.js';
import { numberParameter } from './parameters.js';
import { randomFor } from './random-streams.js';
import { StreamBuilder } from './stream-builder.js';
import { OperationKind, type Parameters, type ParameterSpec, type Workload } from './workload.js';

interface SizeClass {
  readonly name: 'small' | 'medium' | 'large';
  readonly values: number;
  readonly bytes: number;
}

const CLASSES: readonly SizeClass[] = [
  { name: 'small', values: 1_000, bytes: 1_024 },
  { name: 'medium', values: 100, bytes: 10_240 },
  { name: 'large', values: 10, bytes: 102_400 },
];
const MAX_LOADED_BYTES = 2 ** 32;

/**
 * Small, medium and large values in one key space. Every key is asked for equally often, so that with the defaults each
 * class has a tenth of the requests of the one below it, and the same share of the bytes.
 */
export const mixedSizes: Workload = {
  name: 'mixed-sizes',
  summary: 'Values of 1 KiB, 10 KiB and 100 KiB side by side: few large ones between many small ones',
  derivedFrom:
    'Synthetic: equal bytes in three size classes, uniform access; not derived from a production trace',
  parameters: [...CLASSES.flatMap(classParameters), readShareParameter(0.9), operationsParameter(100_000)],
  rules: [
    {
      between: CLASSES.flatMap(({ name }) => [`${name}Values`, `${name}Bytes`]),
      sentence: 'all values together may not exceed 4 GiB',
      holds: (parameters) =>
        classesOf(parameters).reduce((sum, { values, bytes }) => sum + values * bytes, 0) <= MAX_LOADED_BYTES,
    },
    {
      between: ['readShare', 'operations', ...CLASSES.map(({ name }) => `${name}Bytes`)],
      sentence: 'the values that the stream writes may not exceed 4 GiB',
      holds: (parameters: Parameters): boolean => {
        const classes = classesOf(parameters);
        const loaded = classes.reduce((sum, { values, bytes }) => sum + values * bytes, 0);
        const keys = classes.reduce((sum, { values }) => sum + values, 0);
        const writes =
          numberParameter(parameters, 'operations') * (1 - numberParameter(parameters, 'readShare'));
        return (writes * loaded) / keys <= MAX_LOADED_BYTES;
      },
    },
  ],
  cases: (parameters) => {
    const classes = classesOf(parameters);
    const [small, medium, large] = classes;
    if (small === undefined || medium === undefined || large === undefined) throw new TypeError('no classes');
    const keys = small.values + medium.values + large.values;
    const classOf = (index: number): SizeClass =>
      index < small.values ? small : index < small.values + medium.values ? medium : large;
    const readShare = numberParameter(parameters, 'readShare');
    const operations = numberParameter(parameters, 'operations');
    return [
      {
        id: 'mixed-sizes',
        label: classes.map(({ values, bytes }) => `${String(values)} × ${String(bytes)} B`).join(', '),
        keySpace: fillerKeySpace({
          size: keys,
          valueBytes: {
            smallest: Math.min(...classes.map(({ bytes }) => bytes)),
            of: (index) => classOf(index).bytes,
          },
          key: (index) => `${classOf(index).name}:${String(index)}`,
        }),
        generate: (seed) => {
          const isRead = createBernoulli(readShare, randomFor(seed, 'kinds'));
          const nextKey = createUniform(keys, randomFor(seed, 'keys'));
          const builder = new StreamBuilder(keys, operations);
          for (let operation = 0; operation < operations; operation++) {
            builder.single(isRead() ? OperationKind.get : OperationKind.put, nextKey());
          }
          return builder.build();
        },
      },
    ];
  },
};

function classParameters({ name, values, bytes }: SizeClass): readonly ParameterSpec[] {
  return [
    {
      name: `${name}Values`,
      description: `Number of ${name} values; all of them are loaded before a trial`,
      kind: 'integer',
      unit: 'keys',
      minimum: 1,
      maximum: 1_000_000,
      default: values,
    },
    {
      name: `${name}Bytes`,
      description: `Size of each ${name} value`,
      kind: 'integer',
      unit: 'bytes',
      minimum: SMALLEST_FILLER_VALUE_BYTES,
      maximum: 16_777_216,
      default: bytes,
    },
  ];
}

function classesOf(parameters: Parameters): readonly SizeClass[] {
  return CLASSES.map(({ name }) => ({
    name,
    values: numberParameter(parameters, `${name}Values`),
    bytes: numberParameter(parameters, `${name}Bytes`),
  }));
}
