/** How the report writes what it shows: support/format.ts, with a dash where there is no number. */
import type { Interval } from '../analysis/summary.js';
import { terminalSafe } from '../support/escape.js';
import { formatInUnit, formatPercent, formatPValue as pValueText, formatRatio } from '../support/format.js';
import type { QuantityUnit } from './charts/tick.js';

export { formatCount, formatPercent, formatPlural } from '../support/format.js';

/** Written where there is no number. */
export const NO_NUMBER = '–';

/**
 * Makes a text from outside fit to be read: control and bidirectional characters become visible, long text is cut.
 * (Escaping for HTML is the template's work.)
 */
export function displayText(text: string, maxLength = 160): string {
  return terminalSafe(text, maxLength);
}

/** With a capital at the start. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** With a full stop at the end, where the text has no mark of its own there. */
export function fullStop(text: string): string {
  return text === '' || /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** A measured quantity or a ratio, three significant digits with its unit. */
export function formatQuantity(value: number, unit: QuantityUnit): string {
  if (!Number.isFinite(value)) return NO_NUMBER;
  switch (unit) {
    case 'ratio':
      return formatRatio(value);
    case 'share':
      return formatPercent(value);
    case 'watts':
      return `${String(Number(value.toPrecision(3)))} W`;
    case 'operations/J':
      return formatInUnit(value, 'operations/s').replace('/s', '/J');
    case 'operations/s':
    case 'ns':
    case 'bytes':
    case 'clients':
      return formatInUnit(value, unit);
  }
}

/** A plain number (a parameter, a setting) with at most this many decimals. */
export function formatNumber(value: number, decimals = 3): string {
  if (!Number.isFinite(value)) return NO_NUMBER;
  return value.toLocaleString('en-US', { maximumFractionDigits: decimals });
}

/** A signed number with three decimals and a true minus sign. */
export function formatSigned(value: number): string {
  if (!Number.isFinite(value)) return NO_NUMBER;
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
}

/** A p-value in two parts, so that a template can set the exponent high: 0.031, or 1.3 × 10 to the −7. */
export interface ScientificText {
  readonly mantissa: string;
  readonly exponent: string | null;
}

/** A p-value is always printed as a number; only "more than 0.99" is shortened. */
export function formatPValue(pValue: number): ScientificText {
  if (!Number.isFinite(pValue)) return { mantissa: NO_NUMBER, exponent: null };
  const [mantissa = '', exponent] = pValueText(pValue).split('e');
  return { mantissa, exponent: exponent?.replace('-', '−') ?? null };
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
