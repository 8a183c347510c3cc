/** What the numbers of a chart are measured in; all but the last follow `MetricSummary.unit`. */
export type QuantityUnit =
  'operations/s' | 'ns' | 'bytes' | 'clients' | 'ratio' | 'share' | 'watts' | 'operations/J';

/**
 * Writes the number at a tick of an axis: a round number in the same units as support/format.ts, without the digits that say
 * how exactly something was measured ("10 µs", not "10.0 µs").
 */
export function formatTick(value: number, unit: QuantityUnit): string {
  const step = unit === 'bytes' ? 1024 : 1000;
  const prefixes = {
    'operations/s': ['/s', 'k/s', 'M/s', 'G/s'],
    ns: ['ns', 'µs', 'ms', 's'],
    bytes: ['B', 'KiB', 'MiB', 'GiB', 'TiB'],
    'operations/J': ['/J', 'k/J', 'M/J', 'G/J'],
    watts: ['W', 'kW'],
    clients: [],
    ratio: [],
    share: [],
  }[unit];
  if (unit === 'ratio') return `${String(Number(value.toPrecision(3)))}×`;
  if (unit === 'share') return `${String(Number((value * 100).toPrecision(3)))} %`;
  if (unit === 'clients') return Number(value.toPrecision(3)).toLocaleString('en-US');
  let scaled = value;
  let index = 0;
  while (Math.abs(scaled) >= step && index < prefixes.length - 1) {
    scaled /= step;
    index++;
  }
  return value === 0 ? '0' : `${String(Number(scaled.toPrecision(3)))} ${prefixes[index] ?? ''}`;
}
