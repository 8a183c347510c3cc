import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { BenchError } from '../../src/errors.js';
import { renderReport } from '../../src/report/render.js';
import { emptySummary, smallSummary } from './summaries.js';

const folder = mkdtempSync(join(tmpdir(), 'predis-bench-report-'));
after(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('renderReport', () => {
  it('writes the page, the summary and the slides, in a folder that it makes', async () => {
    const summary = smallSummary();
    const outputFolder = join(folder, 'new', 'place');
    const report = await renderReport(summary, { outputFolder, name: 'both' });
    assert.equal(report.htmlPath, join(outputFolder, 'both.html'));
    // Not both.json: that is what the result file beside it is called.
    assert.equal(report.jsonPath, join(outputFolder, 'both.summary.json'));
    assert.deepEqual(JSON.parse(readFileSync(report.jsonPath, 'utf8')), JSON.parse(JSON.stringify(summary)));
    assert.deepEqual(
      report.pngPaths.map((path) => basename(path)),
      [
        'both-speedup.png',
        'both-ladder.png',
        'both-throughput.png',
        'both-latency-p95.png',
        'both-memory.png',
        'both-bytes-per-key.png',
      ],
    );
    assert.deepEqual(
      report.svgPaths,
      report.pngPaths.map((path) => path.replace(/png$/, 'svg')),
    );
    const html = readFileSync(report.htmlPath, 'utf8');
    assert.equal(html.match(/<noscript><img class="still" src="data:image\/webp;base64,/g)?.length, 5);
    assert.ok(Buffer.byteLength(html) < 2_000_000);
  });

  it('writes no slides where there is nothing to draw', async () => {
    const report = await renderReport(emptySummary(), { outputFolder: folder, name: 'empty' });
    assert.deepEqual(report.pngPaths, []);
  });

  it('names the place that cannot be written to', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    await assert.rejects(
      renderReport(emptySummary(), { outputFolder: file, name: 'x' }),
      (error: unknown) => {
        assert.ok(error instanceof BenchError);
        assert.equal(error.code, 'OUTPUT_UNWRITABLE');
        assert.match(error.message, /a-file/);
        return true;
      },
    );
  });
});
