import type { ChartConfiguration } from 'chart.js';
import type { Theme } from '../theme.js';
import type { DrawnChart } from './drawn-chart.js';
import type { TickFormat } from './tick.js';
import type { ChartSpec, Mark } from './spec.js';

/**
 * Where a chart is drawn: in the page beside its own heading, where it follows the width of its box; in the printed page, where
 * its size is fixed; or alone on a slide, where it has to say everything itself.
 */
export interface ChartFrame {
  readonly kind: 'page' | 'print' | 'slide';
  /** Width of the drawing in CSS pixels: row notes give way on a phone. */
  readonly width: number;
  /** Small print at the foot of a slide; unused in the page. */
  readonly footer: string;
  readonly fontFamily: string;
  readonly markers: readonly string[];
}

/**
 * Turns a chart spec into a Chart.js configuration. The PNG renderer calls it in Node.js; the page carries its compiled source
 * text and calls it in the browser: it therefore uses nothing from outside its own body (a test in a real browser holds it to
 * that). Needs the error-bar controllers of chartjs-chart-error-bars registered.
 *
 * @param spec what to draw
 * @param theme colours
 * @param format writes axis ticks
 * @param frame where it is drawn
 */
export function chartConfiguration(
  spec: ChartSpec,
  theme: Theme,
  format: TickFormat,
  frame: ChartFrame,
): ChartConfiguration {
  const slide = frame.kind === 'slide';
  const narrow = frame.width < 520;
  const fontSize = slide ? 17 : narrow ? 11 : 12;
  const font = (size: number, weight: number): { family: string; size: number; weight: number } => ({
    family: frame.fontFamily,
    size,
    weight,
  });
  const profile = spec.form === 'profile';
  const logarithmic = spec.axis.scale === 'logarithmic';
  const rowCount = spec.rows.length;
  // Series that share a row stand side by side within it; a chart with one mark a row needs no dodging.
  const shared = new Set(spec.marks.map((mark) => mark.row)).size < spec.marks.length;
  const slot = shared ? 0.78 / spec.series.length : 0.62;
  const offset = (mark: Mark): number => (shared ? (mark.series - (spec.series.length - 1) / 2) * slot : 0);
  const colour = (style: number): string => theme.series[style % theme.series.length] ?? theme.ink;
  const marker = (style: number): string => frame.markers[style % frame.markers.length] ?? 'circle';
  const lineOnly = (style: number): boolean => ['star', 'crossRot'].includes(marker(style));

  const rowLabel = (label: string): string | string[] => {
    const limit = slide ? 30 : narrow ? 14 : 22;
    const lines = [''];
    for (const word of label.split(' ')) {
      const last = lines[lines.length - 1] ?? '';
      if (last !== '' && last.length + word.length >= limit) lines.push(word);
      else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
    }
    const cut = lines
      .slice(0, 2)
      .map((line) => (line.length > limit ? `${line.slice(0, limit - 1)}…` : line));
    return cut.length === 1 ? (cut[0] ?? '') : cut;
  };

  const datasets: Record<string, unknown>[] = [];
  spec.series.forEach((series, index) => {
    const marks = spec.marks.filter((mark) => mark.series === index);
    const point = {
      pointStyle: marker(series.marker),
      radius: slide ? 9 : 5.5,
      hoverRadius: slide ? 9 : 7,
      backgroundColor: colour(series.colour),
      borderColor: lineOnly(series.marker) ? colour(series.colour) : theme.surface,
      borderWidth: lineOnly(series.marker) ? 2.5 : 1,
      clip: false,
    };
    if (profile) {
      datasets.push({
        type: 'line',
        label: series.label,
        data: marks.map((mark) => ({ x: mark.row, y: mark.value })),
        details: marks.map((mark) => mark.details),
        borderColor: colour(series.colour),
        borderWidth: slide ? 3 : 2,
        borderDash: [[], [8, 4], [2, 3], [10, 3, 2, 3]][series.colour % 4],
        pointStyle: point.pointStyle,
        pointRadius: point.radius,
        pointHoverRadius: point.hoverRadius,
        pointBackgroundColor: point.backgroundColor,
        pointBorderColor: point.borderColor,
        pointBorderWidth: point.borderWidth,
        clip: false,
      });
      return;
    }
    const dots = marks.flatMap((mark) =>
      mark.trials.map((value, trial) => ({
        x: value,
        // A golden-ratio sequence spreads the dots over the row evenly and the same way every time.
        y: mark.row + offset(mark) + (((trial * 0.618034) % 1) - 0.5) * slot * 0.62,
      })),
    );
    if (dots.length > 0) {
      datasets.push({
        type: 'scatter',
        label: 'single trials',
        auxiliary: true,
        data: dots,
        order: 1,
        pointStyle: 'circle',
        radius: slide ? 3 : 1.8,
        hoverRadius: slide ? 3 : 1.8,
        backgroundColor: theme.ink,
        borderWidth: 0,
        opacity: 0.28,
      });
    }
    // Whiskers are datasets of their own: with a halo over bars and their dots, but under points, which they would hide.
    const whiskers = marks
      .filter((mark) => mark.low !== null && mark.high !== null)
      .map((mark) => ({ x: mark.value, y: mark.row + offset(mark), xMin: mark.low, xMax: mark.high }));
    const whiskerWidth = slide ? 2.5 : 1.5;
    for (const halo of spec.form === 'bars' ? [false, true] : [false]) {
      const width = halo ? whiskerWidth * 2 : whiskerWidth;
      const ink = halo ? theme.surface : theme.ink;
      datasets.push({
        type: 'scatterWithErrorBars',
        label: 'confidence intervals',
        auxiliary: true,
        data: whiskers,
        order: (spec.form === 'bars' ? 0 : 2) + (halo ? 0.5 : 0),
        radius: 0,
        hoverRadius: 0,
        hitRadius: 0,
        clip: false,
        errorBarColor: ink,
        errorBarWhiskerColor: ink,
        errorBarLineWidth: width,
        errorBarWhiskerLineWidth: width,
        errorBarWhiskerRatio: 0,
        errorBarWhiskerSize: (spec.form === 'bars' ? 1 : 0.7) * (slide ? 14 : 8) + (halo ? whiskerWidth : 0),
      });
    }
    const data = marks.map((mark) => ({ x: mark.value, y: mark.row + offset(mark) }));
    const details = marks.map((mark) => mark.details);
    datasets.push(
      spec.form === 'bars'
        ? {
            type: 'bar',
            label: series.label,
            data,
            details,
            texture: series.colour,
            order: 3,
            grouped: false,
            indexAxis: 'y',
            barPercentage: 1,
            categoryPercentage: shared ? 0.94 : slot,
            maxBarThickness: slide ? 56 : 30,
            backgroundColor: colour(series.colour),
            pointStyle: marker(series.marker),
          }
        : { type: 'scatter', label: series.label, data, details, order: 1, ...point },
    );
  });

  /** Chart.js puts a line at every 1, 2, 3, … 9 of a decade; a reader needs 1, or 1, 2 and 5 where there are few decades. */
  const thinLogarithmicTicks = (axis: { min: number; max: number; ticks: { value: number }[] }): void => {
    const decades = Math.log10(axis.max / axis.min);
    const wanted = decades > (narrow ? 1.2 : 2.2) ? [1] : decades > 0.8 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 7];
    axis.ticks = axis.ticks.filter(({ value }) => {
      const power = Math.floor(Math.log10(value) + 1e-9);
      return wanted.includes(Math.round((value / 10 ** power) * 10) / 10);
    });
  };
  /** Round numbers of bytes are multiples of powers of two. */
  const binaryTicks = (axis: { min: number; max: number; ticks: { value: number }[] }): void => {
    let step = 1;
    while (axis.max / step > (narrow ? 4 : 6)) step *= 2;
    axis.ticks = Array.from({ length: Math.floor(axis.max / step) + 1 }, (_, tick) => ({
      value: tick * step,
    }));
  };

  const valueAxis = {
    type: spec.axis.scale,
    ...(logarithmic ? {} : { beginAtZero: true, grace: '4%' }),
    ...(logarithmic ? { afterBuildTicks: thinLogarithmicTicks } : {}),
    ...(!logarithmic && spec.axis.unit === 'bytes' ? { afterBuildTicks: binaryTicks } : {}),
    border: { display: false },
    grid: { color: theme.line, drawTicks: false },
    ticks: {
      color: theme.muted,
      font: font(fontSize, 400),
      padding: 6,
      maxRotation: 0,
      ...(logarithmic ? { autoSkip: !profile } : { maxTicksLimit: narrow ? 4 : slide ? 7 : 6 }),
      callback: (value: number): string => format(value, spec.axis.unit),
    },
    title: { display: true, text: spec.axis.label, color: theme.muted, font: font(fontSize, 400) },
    // The reference line is always in view.
    ...(spec.axis.reference === null
      ? {}
      : { suggestedMin: spec.axis.reference * 0.9, suggestedMax: spec.axis.reference * 1.1 }),
  };
  const rowAxis = {
    type: 'linear',
    min: profile ? -0.15 : -0.5,
    max: profile ? rowCount - 0.85 : rowCount - 0.5,
    offset: false,
    reverse: !profile,
    border: { display: false },
    grid: { display: false },
    // The rows lie at whole numbers, whatever ticks the linear scale would choose.
    afterBuildTicks: (axis: { ticks: { value: number }[] }): void => {
      axis.ticks = spec.rows.map((_, row) => ({ value: row }));
    },
    ticks: {
      color: theme.ink,
      font: font(fontSize, profile ? 400 : slide ? 600 : 500),
      padding: 8,
      autoSkip: false,
      maxRotation: 0,
      callback: (value: number): string | string[] => rowLabel(spec.rows[value] ?? ''),
    },
    title: { display: false },
  };

  /** Separators between rows, the reference line, textures on bars, labels of marks and the small print of a slide. */
  const furniture = {
    id: 'furniture',
    beforeDatasetsDraw(chart: DrawnChart): void {
      const { ctx, chartArea, scales } = chart;
      ctx.save();
      if (!profile && rowCount <= 60) {
        ctx.strokeStyle = theme.line;
        ctx.lineWidth = 1;
        for (let row = 0; row < rowCount - 1; row++) {
          const y = scales.y?.getPixelForValue(row + 0.5) ?? 0;
          ctx.beginPath();
          ctx.moveTo(chartArea.left, y);
          ctx.lineTo(chart.width, y);
          ctx.stroke();
        }
      }
      if (spec.axis.reference !== null) {
        const x = scales.x?.getPixelForValue(spec.axis.reference) ?? 0;
        ctx.strokeStyle = theme.muted;
        ctx.lineWidth = slide ? 2.5 : 1.5;
        ctx.setLineDash([5, 4]);
        ctx.beginPath();
        ctx.moveTo(x, chartArea.top);
        ctx.lineTo(x, chartArea.bottom);
        ctx.stroke();
      }
      ctx.restore();
    },
    beforeDatasetDraw(chart: DrawnChart, { index }: { index: number }): void {
      const { opacity } = chart.data.datasets[index] ?? {};
      chart.ctx.save();
      if (opacity !== undefined) chart.ctx.globalAlpha = opacity;
    },
    afterDatasetDraw(chart: DrawnChart, { index }: { index: number }): void {
      const { ctx } = chart;
      ctx.restore();
      const texture = chart.data.datasets[index]?.texture ?? 0;
      if (texture % 4 === 0) return;
      for (const bar of chart.getDatasetMeta(index).data) {
        const left = Math.min(bar.x, bar.base);
        const right = Math.max(bar.x, bar.base);
        const step = slide ? 12 : 7;
        ctx.save();
        ctx.beginPath();
        ctx.rect(left, bar.y - bar.height / 2, right - left, bar.height);
        ctx.clip();
        ctx.strokeStyle = theme.surface;
        ctx.globalAlpha = 0.45;
        ctx.lineWidth = slide ? 2 : 1.2;
        for (let x = left - bar.height; x < right + bar.height; x += step) {
          const up = texture % 4 === 1 ? bar.height : texture % 4 === 2 ? -bar.height : 0;
          ctx.beginPath();
          ctx.moveTo(x, bar.y + bar.height / 2);
          ctx.lineTo(x + up, bar.y - bar.height / 2);
          ctx.stroke();
        }
        ctx.restore();
      }
    },
    afterDraw(chart: DrawnChart): void {
      const { ctx, scales } = chart;
      ctx.save();
      ctx.textBaseline = 'middle';
      ctx.fillStyle = theme.ink;
      ctx.textAlign = 'left';
      const { x, y } = scales;
      if (x !== undefined && y !== undefined && !profile) {
        const slotHeight = Math.abs(y.getPixelForValue(1) - y.getPixelForValue(0)) * slot;
        const size = Math.min(labelSize, slotHeight * 0.9);
        ctx.font = `500 ${String(size)}px ${frame.fontFamily}`;
        ctx.lineJoin = 'round';
        ctx.lineWidth = 4;
        ctx.strokeStyle = theme.surface;
        for (const mark of size < 7 ? [] : spec.marks) {
          const end = Math.max(mark.value, mark.high ?? mark.value, ...mark.trials);
          const left = x.getPixelForValue(end) + (slide ? 15 : 9);
          const middle = y.getPixelForValue(mark.row + offset(mark));
          ctx.strokeText(mark.label, left, middle);
          ctx.fillText(mark.label, left, middle);
        }
      }
      if (slide) {
        ctx.fillStyle = theme.muted;
        ctx.font = `400 15px ${frame.fontFamily}`;
        ctx.fillText(frame.footer, 36, chart.height - 24);
      }
      ctx.restore();
    },
  };

  const labelSize = slide ? 15 : 11;
  const labelWidth = Math.max(...spec.marks.map(({ label }) => label.length)) * labelSize * 0.56 + 14;
  const configuration = {
    type: 'scatter',
    data: { datasets },
    plugins: [furniture],
    options: {
      animation: false,
      responsive: frame.kind === 'page',
      maintainAspectRatio: false,
      normalized: true,
      events: ['mousemove', 'mouseout', 'click', 'touchstart', 'touchmove'],
      interaction: { mode: 'nearest', intersect: true },
      layout: {
        padding: slide
          ? { left: 36, right: 36 + labelWidth, top: 30, bottom: 52 }
          : { left: 0, right: labelWidth, top: 4, bottom: 0 },
      },
      scales: profile ? { x: rowAxis, y: valueAxis } : { x: valueAxis, y: rowAxis },
      plugins: {
        title: {
          display: slide,
          text: spec.title,
          align: 'start',
          color: theme.ink,
          font: font(30, 600),
          padding: { bottom: 8 },
        },
        subtitle: {
          display: slide,
          text: spec.subtitle,
          align: 'start',
          color: theme.muted,
          font: font(17, 400),
          padding: { bottom: 20 },
        },
        legend: {
          display: spec.series.length > 1 && (shared || profile),
          align: 'start',
          position: 'top',
          onClick: (): void => undefined,
          labels: {
            usePointStyle: true,
            boxHeight: slide ? 11 : 8,
            padding: slide ? 18 : 14,
            color: theme.ink,
            font: font(fontSize, 400),
            filter: (_item: unknown, data: unknown): boolean => {
              const item = _item as { datasetIndex: number };
              const sets = (data as { datasets: { auxiliary?: boolean }[] }).datasets;
              return sets[item.datasetIndex]?.auxiliary !== true;
            },
          },
        },
        tooltip: {
          filter: (item: { dataset: { auxiliary?: boolean } }): boolean => item.dataset.auxiliary !== true,
          displayColors: false,
          backgroundColor: theme.ink,
          titleColor: theme.ground,
          bodyColor: theme.ground,
          titleFont: font(12, 600),
          bodyFont: font(12, 400),
          padding: 10,
          cornerRadius: 6,
          callbacks: {
            title: (items: { dataset: { label?: string } }[]): string => items[0]?.dataset.label ?? '',
            label: (item: { dataset: { details?: string[][] }; dataIndex: number }): string[] =>
              item.dataset.details?.[item.dataIndex] ?? [],
          },
        },
      },
    },
  };
  // The error-bar chart types and the extra dataset fields are unknown to Chart.js' own types.
  return configuration as unknown as ChartConfiguration;
}
