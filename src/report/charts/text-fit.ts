/** Texts made to fit the room that a drawing has for them: measured, broken into lines, and at last without their middle. */

/** The part of a canvas that measures. */
export interface Ruler {
  font: string;
  measureText(text: string): { readonly width: number };
  save(): void;
  restore(): void;
}

export interface TextFont {
  readonly family: string;
  readonly size: number;
  readonly weight: number;
}

/** Width of a text, CSS pixels. */
export type Measure = (text: string) => number;

/** By canvas, then font and text: titles and labels are measured at every step of a layout. */
const knownWidths = new WeakMap<Ruler, Map<string, number>>();

/** Measures in this font. */
export function measuring(ruler: Ruler, { family, size, weight }: TextFont): Measure {
  const font = `${String(weight)} ${String(size)}px ${family}`;
  const known = knownWidths.get(ruler) ?? new Map<string, number>();
  knownWidths.set(ruler, known);
  return (text) => {
    const key = `${font} ${text}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    ruler.save();
    ruler.font = font;
    const { width } = ruler.measureText(text);
    ruler.restore();
    known.set(key, width);
    return width;
  };
}

/** The text, or as much of its beginning and end as fits, with an ellipsis between. */
export function elidedTo(text: string, width: number, measure: Measure): string {
  if (measure(text) <= width) return text;
  const characters = Array.from(text);
  const keeping = (count: number): string => {
    const head = Math.ceil(count / 2);
    return `${characters.slice(0, head).join('')}…${characters.slice(characters.length - (count - head)).join('')}`;
  };
  // the most characters that fit, by halves
  let [fits, fails] = [0, characters.length];
  while (fails - fits > 1) {
    const middle = (fits + fails) >> 1;
    if (measure(keeping(middle)) <= width) fits = middle;
    else fails = middle;
  }
  return keeping(fits);
}

/**
 * The text in lines, broken after spaces and slashes; what remains for the last line is elided where it does not fit.
 *
 * @param lines at most so many, 1 and up
 */
export function wrappedTo(text: string, width: number, lines: number, measure: Measure): string[] {
  const done: string[] = [];
  let rest = text;
  while (done.length < lines - 1 && measure(rest) > width) {
    let end = 0;
    for (const { index, 0: gap } of rest.matchAll(/ |\/(?=[^/ ])/g)) {
      const candidate = rest.slice(0, index + (gap === '/' ? 1 : 0));
      if (measure(candidate) > width) break;
      end = candidate.length;
    }
    if (end === 0) {
      // a first word that is too long alone
      const [word = ''] = /^[^ ]*/.exec(rest) ?? [];
      end = word.length;
    }
    done.push(elidedTo(rest.slice(0, end), width, measure));
    rest = rest.slice(end).trimStart();
    if (rest === '') return done;
  }
  return [...done, elidedTo(rest, width, measure)];
}

/** For an option of Chart.js: the text in lines that fit, measured on the canvas that it is drawn on. */
export function fittingLines(text: string, width: number, lines: number, font: TextFont) {
  return ({ chart }: { readonly chart: { readonly ctx: Ruler } }): string[] =>
    wrappedTo(text, width, lines, measuring(chart.ctx, font));
}
