import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderHtml } from '../../src/report/html.js';
import type { ChartSpec } from '../../src/report/charts/spec.js';
import { caseSlugs } from '../../src/report/charts/marks.js';
import { chartsSummary, largeSummary, smallSummary } from './summaries.js';

/** The value at a JSON pointer (RFC 6901). */
function resolve(document: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], document);
}

function embedded(html: string, id: string): unknown {
  const block = new RegExp(`<script type="application/json" id="${id}">([^]*?)</script>`).exec(html)?.[1];
  assert.ok(block !== undefined, `the page carries ${id}`);
  return JSON.parse(block);
}

function text(escaped: string): string {
  return escaped
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#x3D;', '=')
    .replaceAll('&amp;', '&');
}

const factors: Record<string, number> = {
  '/s': 1,
  'k/s': 1e3,
  'M/s': 1e6,
  'G/s': 1e9,
  ns: 1,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  '×': 1,
  '%': 0.01,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  '': 1,
};

/** The number that a text such as "1.23 M/s" or "2.1 × 10<sup>−7</sup>" says, and how far the exact one may lie from it. */
function said(html: string): { value: number; within: number } {
  const power = /^(\S+) × 10<sup>−(\d+)<\/sup>$/.exec(html);
  if (power !== null) {
    const unit = Number(`1e-${power[2] ?? ''}`);
    return { value: Number(power[1]) * unit, within: 0.051 * unit };
  }
  const [, sign = '', digits = '', unit = ''] = /^([−+]?)([\d.,]+)\s*(\S*)$/.exec(text(html).trim()) ?? [];
  const factor = factors[unit];
  assert.ok(digits !== '' && factor !== undefined, `a number with a known unit: ${html}`);
  const value = (sign === '−' ? -1 : 1) * Number(digits.replaceAll(',', '')) * factor;
  const lastDigit = 10 ** -(digits.split('.')[1]?.length ?? 0) * factor;
  // Three significant digits: 12,345 may be written 12,300.
  return { value, within: Math.max(0.51 * lastDigit, Math.abs(value) * 0.005) };
}

describe('numbers in the page', () => {
  const summary = smallSummary();
  const html = renderHtml(summary);

  it('embeds the summary unchanged', () => {
    assert.deepEqual(embedded(html, 'summary-data'), JSON.parse(JSON.stringify(summary)));
  });

  it('shows at every marked place the value of the summary that it points to', () => {
    const data = embedded(html, 'summary-data');
    const places = [...html.matchAll(/<data value="([^"]*)" data-ref="([^"]*)">(.*?)<\/data>/g)];
    assert.ok(places.length > 150, `${String(places.length)} marked places`);
    for (const [, value = '', ref = '', shown = ''] of places) {
      const exact = resolve(data, ref);
      assert.equal(typeof exact, 'number', `${ref} is a number of the summary`);
      assert.equal(Number(value), exact, ref);
      if (text(shown) === '> 0.99') {
        assert.ok((exact as number) > 0.99, ref);
        continue;
      }
      const { value: read, within } = said(shown);
      assert.ok(
        Math.abs(read - (exact as number)) <= within,
        `${ref}: ${String(exact)} is shown as ${shown}`,
      );
    }
  });

  it('offers in the calculator nothing but measured numbers', () => {
    const choices = [...html.matchAll(/<option value="([^"]+)" data-ref="([^"]+)">/g)];
    assert.ok(choices.length > 4);
    for (const [, value = '', ref = ''] of choices) assert.equal(Number(value), resolve(summary, ref), ref);
    assert.ok(!/<input[^>]* value=/.test(html), 'no field is filled in');
  });

  it('points from every sentence to numbers that exist', () => {
    const refs = [...html.matchAll(/data-refs="([^"]+)"/g)].flatMap(([, list = '']) => list.split(' '));
    assert.ok(refs.length > 0);
    for (const ref of refs) assert.notEqual(resolve(summary, ref), undefined, ref);
  });

  it('draws the same numbers that the tables show', () => {
    interface Mark {
      row: number;
      series: number;
      value: number;
      low: number | null;
      high: number | null;
      trials: number[];
    }
    const { charts } = embedded(html, 'chart-data') as { charts: { id: string; marks: Mark[] }[] };
    for (const [caseIndex, oneCase] of summary.cases.entries()) {
      const marks =
        charts.find(({ id }) => id === `case-${caseSlugs(summary)[caseIndex] ?? ''}-throughput`)?.marks ?? [];
      const expected = oneCase.contenders.map(({ metrics }) =>
        metrics.find(({ metric }) => metric === 'throughput'),
      );
      assert.deepEqual(
        marks.map(({ value, low, high, trials }) => ({ value, low, high, trials })),
        expected.map((metric) => ({
          value: metric?.median.estimate,
          low: metric?.median.low,
          high: metric?.median.high,
          trials: metric?.values,
        })),
      );
    }
    const speedups = charts.find(({ id }) => id === 'speedup')?.marks.map(({ value }) => value) ?? [];
    const advantages = summary.cases.flatMap(({ comparisons }) =>
      comparisons.filter(({ metric }) => metric === 'throughput').map(({ advantage }) => advantage?.estimate),
    );
    assert.deepEqual([...speedups].sort(), [...advantages].sort());
  });

  it('lists every trial', () => {
    const section = /<section id="trials"[^]*?<\/section>/.exec(html)?.[0] ?? '';
    const rows = section.match(/<tr><th scope="row">/g) ?? [];
    const measured = summary.cases.flatMap(({ contenders }) =>
      contenders.map(({ trials }) => trials.measured),
    );
    assert.equal(
      rows.length,
      measured.reduce((sum, count) => sum + count, 0),
    );
  });

  it('leads with speedups over the Redis variant that leaves the least', () => {
    const figures = [...html.matchAll(/<dd class="figure"><data value="([^"]*)"/g)]
      .slice(0, 2)
      .map(([, v]) => Number(v));
    const hardest = summary.cases.map(({ comparisons }) =>
      Math.min(
        ...comparisons
          .filter(({ metric }) => metric === 'throughput')
          .map(({ advantage }) => advantage?.estimate ?? 0),
      ),
    );
    assert.deepEqual(figures, [Math.max(...hardest), Math.min(...hardest)]);
  });
});

describe('numbers of the charts that stand alone', () => {
  const summary = chartsSummary();
  const html = renderHtml(summary);
  const data = embedded(html, 'summary-data');
  const { charts } = embedded(html, 'chart-data') as { charts: readonly ChartSpec[] };
  const marksOf = (id: string) => charts.find((chart) => chart.id === id)?.marks ?? [];
  const interval = ({ value, low, high }: { value: number; low: number | null; high: number | null }) => ({
    estimate: value,
    ...{ low, high },
  });

  it('are those of the summary, in tables and curves', () => {
    const places = [...html.matchAll(/<data value="([^"]*)" data-ref="([^"]*)">/g)];
    for (const part of [
      'batchCurves',
      'efficiency/memory',
      'efficiency/power',
      'cacheSimulations',
      'ramps',
    ]) {
      assert.ok(
        places.some(([, , ref = '']) => ref.startsWith(`/${part}/`)),
        part,
      );
    }
    assert.ok(places.some(([, , ref = '']) => ref.includes('/latencyOverTime/slices/')));
    for (const [, value = '', ref = ''] of places) assert.equal(resolve(data, ref), Number(value), ref);
    assert.deepEqual(
      marksOf('batch-1-throughput').map(interval),
      summary.batchCurves.flatMap(({ steps }) => steps.map(({ throughput }) => throughput)),
    );
    assert.deepEqual(
      marksOf('scaling-1-latency-p99').map(interval),
      summary.ramps.flatMap(({ steps }) => steps.map(({ latencyP99 }) => latencyP99)),
    );
    assert.deepEqual(
      marksOf('bytes-per-key').map(interval),
      summary.efficiency.memory.map(({ bytesPerKey }) => bytesPerKey),
    );
    assert.deepEqual(
      marksOf('operations-per-watt-cpu-packages').map(interval),
      summary.efficiency.power.map(({ operationsPerJoule }) => operationsPerJoule),
    );
    assert.deepEqual(
      marksOf('cache-1-1').map(({ value }) => value),
      summary.cacheSimulations.flatMap(({ curves }) => curves.flatMap(({ windows }) => windows)),
    );
  });

  it('are in the cells of the heat map what the summary has, on axes that all panels share', () => {
    const heat = charts.find(({ id }) => id === 'case-batch-10-latency-over-time')?.heat;
    const shown = summary.cases[0]?.contenders.flatMap(({ latencyOverTime: map }) => map ?? []) ?? [];
    assert.ok(heat !== undefined && shown.length > 1);
    for (const [index, map] of shown.entries()) {
      const below = heat.edgesNs.indexOf(map.edgesNs[0] ?? -1);
      assert.deepEqual(heat.edgesNs.slice(below, below + map.edgesNs.length), map.edgesNs);
      for (const [interval, levels] of map.levels.entries()) {
        const column: string = heat.panels[index]?.levels[interval] ?? '';
        assert.equal(column.length, heat.edgesNs.length - 1);
        assert.equal(column, `${'0'.repeat(below)}${levels}`.padEnd(column.length, '0'));
      }
    }
  });
});

describe('the size of the page', () => {
  it('stays under 2 MB for a run of all workloads with 64 trials each', () => {
    const html = renderHtml(largeSummary());
    assert.ok(
      Buffer.byteLength(html) < 1_600_000,
      `${String(Buffer.byteLength(html))} bytes before the still images`,
    );
  });
});
