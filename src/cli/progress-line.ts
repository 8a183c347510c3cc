import { formatCount } from '../support/format.js';

/** Where a run stands, as far as it is shown. */
export interface ProgressPlace {
  readonly contender: string;
  readonly caseId: string;
  /** Trials of the whole plan that are recorded, of `trials`. */
  readonly done: number;
  readonly trials: number;
  readonly remainingMs: number;
}

export interface BarGlyphs {
  readonly done: string;
  readonly left: string;
}

const SHORTEST_BAR = 8;
const LONGEST_BAR = 30;

/** Glyphs of the bar: plain ones where the locale is not known to be UTF-8. */
export function barGlyphs(environment: Readonly<Record<string, string | undefined>>): BarGlyphs {
  // of these the first that is not empty decides (POSIX, Base Definitions 8.2)
  const locale = [environment.LC_ALL, environment.LC_CTYPE, environment.LANG].find(
    (value) => value !== undefined && value !== '',
  );
  return /utf-?8/i.test(locale ?? '') ? { done: '█', left: '░' } : { done: '#', left: '.' };
}

/**
 * One line of at most so many columns: share, time left, trial, contender and case, of which the last are left out first in a
 * narrow terminal; and a bar before them where there is room for one.
 *
 * @param columns 1 and up
 */
export function progressLine(place: ProgressPlace, columns: number, glyphs: BarGlyphs): string {
  const share = place.trials === 0 ? 1 : Math.min(1, place.done / place.trials);
  const percent = `${String(Math.floor(share * 100)).padStart(3)} %`;
  const parts = [
    percent,
    `${timeLeft(place.remainingMs)} left`,
    `trial ${formatCount(place.done + 1)} of ${formatCount(place.trials)}`,
    place.contender,
    place.caseId,
  ];
  let text = percent;
  for (let count = 2; count <= parts.length; count++) {
    const longer = parts.slice(0, count).join('  ');
    if (longer.length > columns) break;
    text = longer;
  }
  const room = Math.min(LONGEST_BAR, columns - text.length - 1);
  if (room < SHORTEST_BAR) return text.slice(0, columns);
  const filled = Math.floor(share * room);
  return `${glyphs.done.repeat(filled)}${glyphs.left.repeat(room - filled)} ${text}`;
}

/** A duration to come, as people say it: '45 s', '3 min 20 s', '2 h 5 min'. */
export function timeLeft(durationMs: number): string {
  const seconds = Math.ceil(durationMs / 1000);
  if (seconds < 60) return `${String(seconds)} s`;
  if (seconds < 3600) return `${String(Math.floor(seconds / 60))} min ${String(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
}
