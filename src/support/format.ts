/**
 * Numbers for people, the same in the terminal, the report and every sentence. Three significant digits, never an exponent
 * but for tiny p-values; the exact numbers stand in the JSON summary.
 */

/** Rounds to three significant digits and keeps whole numbers whole: 0.123, 1.23, 12.3, 123, 12,300. */
function threeDigits(value: number): string {
  if (value === 0) return '0';
  const rounded = Number(value.toPrecision(3));
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(rounded))));
  return groupThousands(rounded.toFixed(Math.min(decimals, 20)));
}

function groupThousands(digits: string): string {
  const [whole = '', fraction] = digits.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

interface Scale {
  readonly from: number;
  readonly unit: string;
}

/** Divides by the largest scale that the value, once rounded, reaches: 999.6 k becomes 1.00 M. */
function scaled(value: number, scales: readonly Scale[], smallest: string): string {
  if (!Number.isFinite(value)) return String(value);
  for (const { from, unit } of scales) {
    if (Math.abs(Number((value / from).toPrecision(3))) >= 1) return `${threeDigits(value / from)} ${unit}`;
  }
  return `${threeDigits(value)} ${smallest}`;
}

const RATES: readonly Scale[] = [
  { from: 1e9, unit: 'G/s' },
  { from: 1e6, unit: 'M/s' },
  { from: 1e3, unit: 'k/s' },
];
const DURATIONS: readonly Scale[] = [
  { from: 1e9, unit: 's' },
  { from: 1e6, unit: 'ms' },
  { from: 1e3, unit: 'µs' },
];
const BYTES: readonly Scale[] = [
  { from: 2 ** 40, unit: 'TiB' },
  { from: 2 ** 30, unit: 'GiB' },
  { from: 2 ** 20, unit: 'MiB' },
  { from: 2 ** 10, unit: 'KiB' },
];

/** A rate per second: '1.23 M/s', '950 /s'. */
export function formatRate(perSecond: number): string {
  return scaled(perSecond, RATES, '/s');
}

/** A duration given in nanoseconds: '850 ns', '1.23 µs', '45.6 ms', '2.00 s'. */
export function formatDuration(nanoseconds: number): string {
  return scaled(nanoseconds, DURATIONS, 'ns');
}

/** Bytes in binary units: '512 B', '1.50 KiB', '23.4 MiB'. */
export function formatBytes(bytes: number): string {
  return scaled(bytes, BYTES, 'B');
}

/** A value in the unit that the summary names beside it. */
export function formatInUnit(value: number, unit: 'operations/s' | 'ns' | 'bytes' | 'clients'): string {
  switch (unit) {
    case 'operations/s':
      return formatRate(value);
    case 'ns':
      return formatDuration(value);
    case 'bytes':
      return formatBytes(value);
    case 'clients':
      return formatPlural(value, 'client');
  }
}

/** A ratio: '0.97×', '3.42×', '15.1×', '1,230×'. Two decimals below 10, three near 1 where the second would hide it. */
export function formatRatio(ratio: number): string {
  if (!Number.isFinite(ratio)) return `${String(ratio)}×`;
  const size = Math.abs(ratio);
  if (size >= 0.95 && size <= 1.05 && ratio !== 1) return `${ratio.toFixed(3)}×`;
  if (size >= 0.1 && Number(size.toFixed(2)) < 10) return `${ratio.toFixed(2)}×`;
  return `${threeDigits(ratio)}×`;
}

/** A fraction as a percentage with at most one decimal: '4.2 %', '95 %'. */
export function formatPercent(fraction: number): string {
  const text = (fraction * 100).toFixed(1);
  return `${text.endsWith('.0') ? text.slice(0, -2) : text} %`.replace(/^-0 /, '0 ');
}

/** A whole number with thousands set off: '1,234,567'. */
export function formatCount(count: number): string {
  return groupThousands(String(Math.round(count)));
}

/** A p-value as a number of two digits: '0.34', '0.0021', '1.1e-5'; '> 0.99' and never a rounded 1.0 below 1. */
export function formatPValue(p: number): string {
  if (!(p > 0)) return String(p);
  if (p === 1) return '1';
  if (p > 0.99) return '> 0.99';
  if (p < 1e-4) return p.toExponential(1);
  return String(Number(p.toPrecision(2)));
}

/** How a sentence speaks of a p-value: 'p < 0.001' only where it is, otherwise the number: 'p = 0.012'. */
export function describePValue(p: number): string {
  if (p < 0.001) return 'p < 0.001';
  const text = formatPValue(p);
  return text.startsWith('>') ? `p ${text}` : `p = ${text}`;
}

/** A number of things with its noun: '1 trial', '3 trials'. */
export function formatPlural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
