/**
 * Colours and type of the report. One source for three readers: the style sheet (as custom properties), the charts in the page
 * and the PNG charts. Series colours are Okabe and Ito's palette ("Color Universal Design", 2008), which people with any of
 * the common colour-vision deficiencies can tell apart; each series also has a marker and a texture of its own.
 */
export interface Theme {
  /** Page behind everything. */
  readonly ground: string;
  /** Cards and charts. */
  readonly surface: string;
  readonly ink: string;
  /** Second-rank text: at least 4.5:1 on ground and surface. */
  readonly muted: string;
  readonly line: string;
  readonly accent: string;
  readonly good: string;
  readonly bad: string;
  readonly warning: string;
  /** By style index, used modulo its length. */
  readonly series: readonly string[];
  /** Sequential, from little to much: lightness changes one way throughout, so that it is read without telling hues apart. */
  readonly heat: readonly string[];
}

const okabeIto = ['#D55E00', '#0072B2', '#009E73', '#CC79A7', '#E69F00', '#56B4E9'] as const;

export const lightTheme: Theme = {
  ground: '#fbfaf8',
  surface: '#ffffff',
  ink: '#1b1f24',
  muted: '#5a626c',
  line: '#e3e1dc',
  accent: '#00588c',
  good: '#00664a',
  bad: '#a84300',
  warning: '#7a5200',
  series: okabeIto,
  // ColorBrewer YlGnBu (Brewer 2003), safe for colour-blind readers, without its palest steps
  heat: ['#c7e9b4', '#7fcdbb', '#41b6c4', '#2c7fb8', '#253494'],
};

export const darkTheme: Theme = {
  ground: '#111418',
  surface: '#181c21',
  ink: '#eceef0',
  muted: '#a3abb5',
  line: '#2d333b',
  accent: '#7cc4f2',
  good: '#4fd1a5',
  bad: '#ff9d5c',
  warning: '#f0c14b',
  // The same hues; the blue is lifted because the original one is too close to a dark ground.
  series: ['#E8752A', '#3F9FDB', '#16B386', '#DB93B9', '#E69F00', '#7CC8F2'],
  // steps of viridis (van der Walt and Smith 2015): much is bright on a dark ground
  heat: ['#3b4a8c', '#2a788e', '#22a884', '#7ad151', '#fde725'],
};

/** Markers by style index: the second cue beside colour. Names are Chart.js point styles. */
export const markers = ['circle', 'rectRot', 'triangle', 'rect', 'star', 'crossRot'] as const;

export const fontFamily = 'Inter, system-ui, sans-serif';

/** The themes as CSS custom properties: light by default and in print, dark where the reader prefers it. */
export function themeCss(): string {
  return `:root{${properties(lightTheme)}}@media screen and (prefers-color-scheme:dark){:root{${properties(darkTheme)}}}`;
}

function properties({ series, heat, ...colours }: Theme): string {
  return [
    ...Object.entries(colours).map(([name, colour]) => `--${name}:${colour}`),
    ...series.map((colour, index) => `--series-${String(index)}:${colour}`),
    ...heat.map((colour, index) => `--heat-${String(index + 1)}:${colour}`),
  ].join(';');
}
