/** How numbers and texts other than quantities are written in the report. */
import { terminalSafe } from '../support/escape.js';
import { formatQuantity, type QuantityUnit } from './charts/quantity.js';
import type { Interval } from '../analysis/summary.js';

export { formatQuantity };

/** Written where nothing was measured. */
export const NOT_MEASURED = '–';

/**
 * Makes a text from outside fit to be read: control and bidirectional characters become visible, long text is cut.
 * (Escaping for HTML is the template's work.)
 */
export function displayText(text: string, maxLength = 160): string {
  return terminalSafe(text, maxLength);
}

/** "n %" from a fraction between 0 and 1, as few digits as say it exactly up to two decimals. */
export function formatPercent(fraction: number): string {
  if (!Number.isFinite(fraction)) return NOT_MEASURED;
  return `${String(Number((fraction * 100).toFixed(2)))} %`;
}

/** A whole number with thousands separators. */
export function formatCount(count: number): string {
  return Number.isFinite(count) ? count.toLocaleString('en-US', { maximumFractionDigits: 0 }) : NOT_MEASURED;
}

/** A plain number (a parameter, Cliff's delta) with at most this many decimals. */
export function formatNumber(value: number, decimals = 3): string {
  if (!Number.isFinite(value)) return NOT_MEASURED;
  return value.toLocaleString('en-US', { maximumFractionDigits: decimals });
}

/** A signed number with three decimals and a true minus sign. */
export function formatSigned(value: number): string {
  if (!Number.isFinite(value)) return NOT_MEASURED;
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
}

/** A p-value in two parts, so that a template can set the exponent high: 0.0312, or 1.3 × 10 to the −7. */
export interface ScientificText {
  readonly mantissa: string;
  readonly exponent: string | null;
}

/** A p-value is always printed as a number, never as an inequality. */
export function formatPValue(pValue: number): ScientificText {
  if (!Number.isFinite(pValue)) return { mantissa: NOT_MEASURED, exponent: null };
  if (pValue >= 0.001 || pValue === 0)
    return { mantissa: String(Number(pValue.toPrecision(3))), exponent: null };
  const [mantissa = '', exponent = ''] = pValue.toExponential(1).split('e');
  return { mantissa, exponent: exponent.replace('-', '−') };
}

/** "[low, high]" in the unit of the estimate, or words where the trials are too few for an interval. */
export function formatBounds(interval: Interval, unit: QuantityUnit): string {
  if (interval.low === null || interval.high === null) return 'no interval: too few trials';
  return `[${formatQuantity(interval.low, unit)}, ${formatQuantity(interval.high, unit)}]`;
}

/** "2026-08-01, 12:34 UTC" from an ISO time. */
export function formatTime(iso: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(iso)
    ? `${iso.slice(0, 10)}, ${iso.slice(11, 16)} UTC`
    : displayText(iso);
}
