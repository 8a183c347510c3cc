import type { ChartConfiguration, ChartItem, ChartComponentLike } from 'chart.js';
import { chartConfiguration } from '../charts/configuration.js';
import { chartHeight, type ChartFrame } from '../charts/layout.js';
import type { ChartSpec } from '../charts/spec.js';
import type { Theme } from '../theme.js';
import type { PageElement, PageWindow } from './dom.js';
import { textOf } from './unpack.js';

/** What the page carries as JSON beside the summary. */
export interface ChartData {
  readonly fontFamily: string;
  readonly markers: readonly string[];
  readonly themes: { readonly light: Theme; readonly dark: Theme };
  readonly charts: readonly ChartSpec[];
}

interface ChartLibrary {
  new (item: ChartItem, configuration: ChartConfiguration): { destroy(): void };
  register(...components: ChartComponentLike[]): void;
}

/** Globals that the inlined libraries define. */
export interface PageLibraries {
  readonly Chart: ChartLibrary;
  readonly ChartErrorBars: Readonly<Record<string, ChartComponentLike>>;
}

/**
 * Draws the charts of the report in the browser: each when it comes near the view, all before printing, again when the
 * reader switches between light and dark.  Without scripts the tables hold the same numbers, and images stand in for the charts over all workloads.
 */
export async function startPage(page: PageWindow, libraries: PageLibraries): Promise<void> {
  const { Chart, ChartErrorBars } = libraries;
  await unfold(page);
  for (const name of ['ScatterWithErrorBarsController', 'PointWithErrorBar']) {
    const component = ChartErrorBars[name];
    if (component !== undefined) Chart.register(component);
  }
  const data = JSON.parse(
    await textOf(page.document.getElementById('chart-data'), '{"charts":[]}'),
  ) as ChartData;
  const specs = new Map(data.charts.map((spec) => [spec.id, spec]));
  const dark = page.matchMedia('(prefers-color-scheme: dark)');
  const print = page.matchMedia('print');
  const drawn = new Map<PageElement, { destroy(): void }>();
  let printing = false;

  const frameOf = (width: number, onPaper: boolean): ChartFrame => ({
    kind: onPaper ? 'print' : 'page',
    width,
    footer: '',
    fontFamily: data.fontFamily,
    markers: data.markers,
  });

  const draw = (canvas: PageElement): void => {
    const spec = specs.get(canvas.dataset.chart ?? '');
    const box = canvas.parentElement;
    if (spec === undefined || box === null) return;
    drawn.get(canvas)?.destroy();
    const onPaper = printing || print.matches;
    // The layout of the paper is not known yet when a chart has to be ready for it: these widths fit A4 and Letter, and the
    // style sheet scales the drawing to its box.
    const half = spec.id.startsWith('case-') && spec.form !== 'heat';
    const width = onPaper ? (half ? 320 : 660) : box.clientWidth;
    const frame = frameOf(width, onPaper);
    const height = chartHeight(spec, frame);
    box.style.height = onPaper ? 'auto' : `${String(height)}px`;
    if (onPaper) {
      canvas.width = width;
      canvas.height = height;
    }
    const theme = dark.matches && !onPaper ? data.themes.dark : data.themes.light;
    drawn.set(canvas, new Chart(canvas, chartConfiguration(spec, theme, frame)));
  };

  const canvases = [...page.document.querySelectorAll('canvas[data-chart]')];
  for (const canvas of canvases) {
    // Room is made at once, so that nothing moves when the charts are drawn.
    const spec = specs.get(canvas.dataset.chart ?? '');
    if (spec !== undefined && canvas.parentElement !== null) {
      const height = chartHeight(spec, frameOf(canvas.parentElement.clientWidth, false));
      canvas.parentElement.style.height = `${String(height)}px`;
    }
  }
  const observer = new page.IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        if (!drawn.has(target)) draw(target);
      }
    },
    { rootMargin: '600px' },
  );
  const redraw = (): void => {
    for (const canvas of drawn.keys()) draw(canvas);
  };
  const drawForPrint = (): void => {
    for (const canvas of canvases) draw(canvas);
  };

  // Text on a canvas is not drawn again when a font arrives late.
  const weights = ['400', '500', '600'].map((weight) => page.document.fonts.load(`${weight} 12px Inter`));
  void Promise.all(weights).then(() => {
    for (const canvas of canvases) observer.observe(canvas);
    dark.addEventListener('change', redraw);
    print.addEventListener('change', () => {
      if (print.matches) drawForPrint();
      else redraw();
    });
    page.addEventListener('beforeprint', () => {
      printing = true;
      drawForPrint();
    });
    page.addEventListener('afterprint', () => {
      printing = false;
      redraw();
    });
  });
}

/** Puts compressed tables back where they belong. */
async function unfold(page: PageWindow): Promise<void> {
  const folds = [...page.document.querySelectorAll('[data-folded]')];
  if (folds.length === 0) return;
  const contents = JSON.parse(
    await textOf(page.document.getElementById('folded-data'), '[]'),
  ) as readonly string[];
  for (const fold of folds) fold.innerHTML = contents[Number(fold.dataset.folded)] ?? fold.innerHTML;
}
