import { formatCount, formatInUnit, formatRatio } from '../../support/format.js';
import type { RampSummary, Sentence } from '../summary.js';
import { quoted, sentence, shown, type Shown, type SummaryFacts } from './sentence.js';

/** One sentence a ramp: where throughput stops growing, and where p99 latency passes its multiple. */
export function degradation(facts: SummaryFacts): Sentence[] {
  return facts.ramps.map((ramp, index) => {
    const pointer = `/ramps/${String(index)}`;
    return sentence(
      facts,
      'neutral',
      quoted(`${pointer}/workload`),
      ', ',
      quoted(`${pointer}/label`),
      ': ',
      ...aboutThroughput(ramp, pointer),
      '; ',
      ...aboutLatency(ramp, pointer),
      '.',
    );
  });
}

const rate = (value: number): string => formatInUnit(value, 'operations/s');
const time = (value: number): string => formatInUnit(value, 'ns');

function aboutThroughput({ throughput, steps }: RampSummary, pointer: string): (string | Shown)[] {
  const { state, step } = throughput;
  if (state === 'too-few-trials' || step === null)
    return ['too few trials to say where throughput stops growing'];
  const at = `${pointer}/steps/${String(step)}`;
  const throughputThere = [' (', shown(`${at}/throughput/estimate`, rate), ')'];
  const clients = [shown(`${at}/clients`, formatCount), steps[step]?.clients === 1 ? ' client' : ' clients'];
  return state === 'grows'
    ? ['throughput still grows at ', ...clients, ...throughputThere, ', the most that were measured']
    : ['throughput stops growing at ', ...clients, ...throughputThere];
}

function aboutLatency({ latencyP99, steps }: RampSummary, pointer: string): (string | Shown)[] {
  const { state, step } = latencyP99;
  const fewest = steps[0]?.clients === 1 ? ' client (' : ' clients (';
  const base = [
    shown(`${pointer}/p99Multiple`, formatRatio),
    ' that of ',
    shown(`${pointer}/steps/0/clients`, formatCount),
    fewest,
    shown(`${pointer}/steps/0/latencyP99/estimate`, time),
    ')',
  ];
  if (state === 'too-few-trials') return ['too few trials to say where p99 latency passes ', ...base];
  if (step === null) {
    const last = `${pointer}/steps/${String(steps.length - 1)}/clients`;
    return ['p99 latency is not shown to pass ', ...base, ' up to ', shown(last, formatCount), ' clients'];
  }
  const at = `${pointer}/steps/${String(step)}`;
  return [
    'p99 latency passes ',
    ...base,
    ' at ',
    shown(`${at}/clients`, formatCount),
    ' clients (',
    shown(`${at}/latencyP99/estimate`, time),
    ')',
  ];
}
