/** Charts of many rows over several slides: what is too small to be read proves nothing. */
import { SLIDE_PLOT } from './layout.js';
import type { ChartSpec, Mark } from './spec.js';

/** Height of a mark with its label, CSS pixels, below which the label could not be read. */
const SMALLEST_SLOT = 8;
/** Height of the label of a row. */
const SMALLEST_ROW = 20;

/** The chart as it is, or its rows in even parts of it on axes of the same range; the ids of the later parts end in their number. */
export function slideParts(spec: ChartSpec): readonly ChartSpec[] {
  if (spec.form === 'profile' || spec.form === 'heat') return [spec];
  const slots = spec.marks.length > new Set(spec.marks.map(({ row }) => row)).size ? spec.series.length : 1;
  const fitting = Math.max(
    1,
    Math.floor(SLIDE_PLOT / Math.max(SMALLEST_ROW, (slots * SMALLEST_SLOT) / 0.78)),
  );
  const parts = Math.ceil(spec.rows.length / fitting);
  if (parts <= 1) return [spec];
  const size = Math.ceil(spec.rows.length / parts);
  const ends = (mark: Mark): number[] => [mark.value, mark.low ?? mark.value, mark.high ?? mark.value];
  const values = spec.marks.flatMap(ends).filter((value) => spec.axis.scale === 'linear' || value > 0);
  const range = { min: Math.min(...values), max: Math.max(...values) };
  return Array.from({ length: parts }, (_, part): ChartSpec => {
    const [from, to] = [part * size, Math.min((part + 1) * size, spec.rows.length)];
    return {
      ...spec,
      id: part === 0 ? spec.id : `${spec.id}-${String(part + 1)}`,
      subtitle: `${spec.subtitle} · rows ${String(from + 1)} to ${String(to)} of ${String(spec.rows.length)}`,
      axis: { ...spec.axis, range },
      rows: spec.rows.slice(from, to),
      marks: spec.marks
        .filter(({ row }) => row >= from && row < to)
        .map((mark) => ({ ...mark, row: mark.row - from })),
    };
  });
}
