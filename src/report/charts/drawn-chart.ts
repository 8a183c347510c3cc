/**
 * The part of Chart.js' chart, and of the canvas it draws on, that our own drawing touches. Chart.js' types describe the
 * canvas with TypeScript's DOM library, which this project does not load (see browser/dom.ts).
 */
export interface DrawnChart {
  readonly ctx: Pen;
  readonly width: number;
  readonly height: number;
  readonly chartArea: {
    readonly left: number;
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
  };
  readonly scales: Readonly<Record<string, { getPixelForValue(value: number): number } | undefined>>;
  readonly data: {
    readonly datasets: readonly {
      /** Own field: transparency of the marks, 0 to 1. */
      readonly opacity?: number;
      /** Own field: style index of the texture on bars. */
      readonly texture?: number;
    }[];
  };
  /** Absent where the chart has none. */
  readonly legend?: {
    readonly legendHitBoxes: readonly { readonly left: number; readonly top: number }[];
  };
  getDatasetMeta(index: number): {
    readonly data: readonly {
      readonly x: number;
      readonly y: number;
      readonly base: number;
      readonly height: number;
    }[];
  };
}

/** CanvasRenderingContext2D, as far as it is used. */
export interface Pen {
  fillStyle: string;
  strokeStyle: string;
  lineWidth: number;
  lineJoin: 'round';
  globalAlpha: number;
  font: string;
  textAlign: 'left' | 'right' | 'center';
  textBaseline: 'middle' | 'top' | 'bottom';
  save(): void;
  restore(): void;
  beginPath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  rect(x: number, y: number, width: number, height: number): void;
  fillRect(x: number, y: number, width: number, height: number): void;
  strokeRect(x: number, y: number, width: number, height: number): void;
  arc(x: number, y: number, radius: number, from: number, to: number): void;
  measureText(text: string): { readonly width: number };
  clip(): void;
  stroke(): void;
  setLineDash(segments: readonly number[]): void;
  fillText(text: string, x: number, y: number): void;
  strokeText(text: string, x: number, y: number): void;
}
