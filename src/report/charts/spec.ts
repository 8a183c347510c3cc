/**
 * A chart as data: every number and every text that it shows, no functions, so that the page embeds it and the PNG renderer
 * draws the very same one. `configuration.ts` turns it into what Chart.js draws.
 */
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
}

export interface ChartSpec {
  /** Unique in the report; names the PNG file and the element in the page. */
  readonly id: string;
  /**
   * `bars`: horizontal bars from zero on a linear axis. `points`: estimates as points, on a linear or logarithmic axis.
   * `profile`: one line a series over the rows (percentiles), logarithmic.
   */
  readonly form: 'bars' | 'points' | 'profile';
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
  };
  readonly rows: readonly string[];
  /** `colour` (which also chooses the texture) and `marker` index the theme. */
  readonly series: readonly { readonly label: string; readonly colour: number; readonly marker: number }[];
  readonly marks: readonly Mark[];
}
