import { describePValue, formatPercent, formatRatio } from '../support/format.js';
import type { AssumptionCheck } from './summary.js';

/** A figure of a check, or its limit, in its unit. */
export function formatCheckFigure(value: number, unit: AssumptionCheck['unit']): string {
  switch (unit) {
    case 'share':
      return formatPercent(value).replace('-', '−');
    case 'ratio':
      return formatRatio(value);
    case 'cpus':
      return `${String(Math.round(value * 100) / 100)} CPUs`;
    case 'p':
      return describePValue(value);
  }
}
