/**
 * A chart as data: every number and every text that it shows, no functions, so that the page embeds it and the PNG renderer
 * draws the very same one. `configuration.ts` turns it into what Chart.js draws.
 */
import type { Theme } from '../theme.js';
import type { QuantityUnit } from './tick.js';

/** One estimate with its interval, on one row of a chart. */
export interface Mark {
  /** Index into `ChartSpec.rows`. */
  readonly row: number;
  /** Index into `ChartSpec.series`. */
  readonly series: number;
  readonly value: number;
  /** null where the trials are too few for an interval. */
  readonly low: number | null;
  readonly high: number | null;
  /** Single trials, drawn as dots; empty where they would only clutter. */
  readonly trials: readonly number[];
  /** The estimate in figures, drawn beside the mark, or empty. */
  readonly label: string;
  /** What a pointer over the mark shows, a line each. */
  readonly details: readonly string[];
  /** On a curve: where something begins; drawn with a ring, and its label beside it. */
  readonly ringed?: true;
}

/** One contender's latencies over time. */
export interface HeatPanel {
  readonly label: string;
  /** One text an interval, one digit a row of `HeatMap.edgesNs`: 0 for nothing, else a colour of `Theme.heat` from 1. */
  readonly levels: readonly string[];
}

/** Latencies over time as small multiples with common axes. */
export interface HeatMap {
  readonly panels: readonly HeatPanel[];
  /** Ends of the rows, nanoseconds, ascending: one more than there are rows. */
  readonly edgesNs: readonly number[];
  /** Length of the window, milliseconds. */
  readonly durationMs: number;
  /** What the colours say, from level 1 on. */
  readonly legend: readonly string[];
}

export interface ChartSpec {
  /** Unique in the report; names the PNG file and the element in the page. */
  readonly id: string;
  /**
   * `bars`: horizontal bars from zero on a linear axis. `points`: estimates as points, on a linear or logarithmic axis.
   * `profile`: one line a series over the rows (percentiles, loads), from left to right. `heat`: panels of coloured cells.
   */
  readonly form: 'bars' | 'points' | 'profile' | 'heat';
  readonly title: string;
  /** What is plotted, the kind of uncertainty, n: under the title of a PNG. */
  readonly subtitle: string;
  /** Text alternative. */
  readonly alt: string;
  /** One sentence under the chart. */
  readonly howToRead: string;
  readonly axis: {
    readonly label: string;
    readonly scale: 'linear' | 'logarithmic';
    readonly unit: QuantityUnit;
    /** Value at which a line is drawn (1 for ratios: no difference). */
    readonly reference: number | null;
    /** Values that shall be in view though no mark of this chart has them. */
    readonly range?: { readonly min: number; readonly max: number };
  };
  readonly rows: readonly string[];
  /** Of a profile: where each row lies, ascending; at even distances where it is absent. */
  readonly positions?: readonly number[];
  /** Of a profile: what its rows are. */
  readonly rowTitle?: string;
  /** `colour` (which also chooses the texture) and `marker` index the theme. */
  readonly series: readonly {
    readonly label: string;
    readonly colour: number;
    readonly marker: number;
    /** Of a profile: the pattern of its line, where that is not the colour's. */
    readonly dash?: number;
    /** Of a profile: markers without a filling, where two lines share colour and marker. */
    readonly hollow?: true;
  }[];
  readonly marks: readonly Mark[];
  /** Of form `heat` alone. */
  readonly heat?: HeatMap;
}

/** Colour of a series. */
export function seriesInk({ series }: ChartSpec, index: number, theme: Theme): string {
  return theme.series[(series[index]?.colour ?? 0) % theme.series.length] ?? theme.ink;
}
