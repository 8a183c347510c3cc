/**
 * Hostile content through everything that leaves this tool: page, Markdown, JSON, charts and terminal. What cannot be true (a number
 * that is none) is refused when the result is read.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import prettier from 'prettier';
import { summarise } from '../../src/analysis/summarise.js';
import type { Summary } from '../../src/analysis/summary.js';
import { summaryLines } from '../../src/cli/summary-table.js';
import { BenchError } from '../../src/errors.js';
import { markdownCode, markdownText } from '../../src/report/markdown/escape.js';
import { renderMarkdown } from '../../src/report/markdown/report.js';
import { renderReport } from '../../src/report/render.js';
import { parseResultFile } from '../../src/results/read.js';
import type { ResultFile } from '../../src/results/schema.js';
import { packageRoot } from '../../src/support/package-root.js';
import { makeResultFile } from '../analysis/fixtures.js';
import { emptySummary, madeUpDeclarations, redisOnlySummary, smallSummary, summaryOf } from './summaries.js';

const folder = mkdtempSync(join(tmpdir(), 'predis-bench-hostile-'));
after(() => {
  rmSync(folder, { recursive: true, force: true });
});

const attack =
  '</script><script>alert(1)</script>|`[x](javascript:alert(2)) ![y](http://evil.example) www.evil.example\n# h \u001b[31m\u202e';

/** A result whose every name is this text, as it would come from a file. */
function hostileResult(text: string): ResultFile {
  const result = makeResultFile({ cases: [{ id: text, workload: text }], blocks: 2, alpha: 0.05 });
  const named: ResultFile = {
    ...result,
    command: [text],
    tool: { ...result.tool, version: text, commit: text },
    plan: {
      ...result.plan,
      contenders: result.plan.contenders.map((one) => ({ ...one, label: text })),
      cases: result.plan.cases.map((one) => ({ ...one, label: text, summary: text, derivedFrom: text })),
    },
    environment: { ...result.environment, cpuModel: text, kernel: text },
    engines: Object.fromEntries(
      Object.entries(result.engines).map(([id, engine]) => [id, { ...engine, name: text, version: text }]),
    ),
  };
  return parseResultFile(Buffer.from(JSON.stringify(named)), 'hostile.json');
}
const hostileSummary = (text: string): Summary =>
  summarise([{ fileName: text, result: hostileResult(text) }], madeUpDeclarations);

interface Node {
  readonly type: string;
  readonly value?: string;
  readonly children?: readonly Node[];
}
/** The document as another Markdown reader understands it. */
async function nodesOf(markdown: string): Promise<Node[]> {
  const { __debug } = prettier as unknown as {
    __debug: { parse(text: string, options: { parser: 'markdown' }): Promise<{ ast: Node }> };
  };
  const nodes: Node[] = [];
  const walk = (node: Node): void => {
    nodes.push(node);
    node.children?.forEach(walk);
  };
  walk((await __debug.parse(markdown, { parser: 'markdown' })).ast);
  return nodes;
}
const forbidden = new Set([
  'html',
  'link',
  'linkReference',
  'image',
  'imageReference',
  'definition',
  'footnoteDefinition',
  'liquidNode',
]);

describe('hostile names', () => {
  it('are text in Markdown: no element, no link, no table cell, no heading of their own', async () => {
    const plain = await nodesOf(renderMarkdown(hostileSummary('a plain name')));
    const nodes = await nodesOf(renderMarkdown(hostileSummary(attack)));
    assert.deepEqual(
      nodes.filter(({ type }) => forbidden.has(type)),
      [],
    );
    const count = (all: readonly Node[], type: string): number =>
      all.filter((node) => node.type === type).length;
    for (const type of ['heading', 'table', 'tableRow', 'tableCell', 'list', 'listItem', 'code']) {
      assert.equal(count(nodes, type), count(plain, type), type);
    }
    assert.ok(
      nodes.some(({ value }) => value?.includes('</script><script>alert(1)') === true),
      'they can be read',
    );
  });

  it('of any kind stay one text in Markdown, and can close no code block', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.string({
            unit: fc.constantFrom(...('`*_[]()<>|~!#+-=:./\\&;$ 1aw@\n'.match(/[^]/g) ?? [])),
            maxLength: 40,
          }),
        ),
        async (text) => {
          const nodes = await nodesOf(
            `| a | b |\n| --- | --- |\n| ${markdownText(text)} | x |\n\n- ${markdownText(text)}\n\nend`,
          );
          const kinds = nodes.map(({ type }) => type);
          for (const type of kinds) {
            assert.ok(
              [
                'root',
                'table',
                'tableRow',
                'tableCell',
                'text',
                'sentence',
                'word',
                'whitespace',
                'list',
                'listItem',
                'paragraph',
              ].includes(type),
              type,
            );
          }
          assert.equal(kinds.filter((type) => type === 'tableCell').length, 4);
          assert.equal(kinds.filter((type) => type === 'list').length, 1);
          const code = await nodesOf(`${markdownCode(text)}\n\nend`);
          assert.deepEqual(code.filter(({ type }) => type === 'code').length, 1);
          assert.ok(code.some(({ type, value }) => type === 'text' && value === 'end'));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('leave page, charts and summary whole', async () => {
    const summary = hostileSummary(attack);
    const { htmlPath, jsonPath, markdownPath, pngPaths } = await renderReport(
      summary,
      { outputFolder: folder, name: 'hostile' },
      { markdown: true },
    );
    const html = readFileSync(htmlPath, 'utf8');
    assert.equal(html.match(/<script[\s>]/g)?.length, 3, 'two data blocks and one script');
    assert.deepEqual(JSON.parse(readFileSync(jsonPath, 'utf8')), JSON.parse(JSON.stringify(summary)));
    assert.ok(pngPaths.length >= 3);
    for (const path of pngPaths) assert.equal(readFileSync(path).subarray(1, 4).toString(), 'PNG');
    const markdown = readFileSync(markdownPath ?? '', 'utf8');
    // eslint-disable-next-line no-control-regex -- none may be left
    assert.doesNotMatch(markdown, /[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it('cannot drive a terminal', () => {
    const lines = summaryLines(hostileSummary(attack));
    // eslint-disable-next-line no-control-regex -- none may be left
    for (const line of lines) assert.doesNotMatch(line, /[\u0000-\u001f\u202e]/);
  });

  it('of 10,000 characters are cut in what people read, and whole in the summary', async () => {
    const long = 'x'.repeat(10_000);
    const summary = hostileSummary(long);
    const markdown = renderMarkdown(summary);
    assert.ok(!markdown.includes('x'.repeat(4001)));
    assert.ok(Buffer.byteLength(markdown) < 200_000, String(Buffer.byteLength(markdown)));
    for (const line of summaryLines(summary)) assert.ok(line.length < 4000, String(line.length));
    const { htmlPath, jsonPath, pngPaths } = await renderReport(summary, {
      outputFolder: folder,
      name: 'long',
    });
    assert.ok(readFileSync(jsonPath, 'utf8').includes(long));
    assert.ok(readFileSync(htmlPath).length < 4_000_000);
    for (const path of pngPaths) assert.equal(readFileSync(path).subarray(1, 4).toString(), 'PNG');
  });
});

describe('numbers that are none', () => {
  const text = JSON.stringify(makeResultFile({ blocks: 1 }));
  for (const [what, by] of [
    ['NaN', 'NaN'],
    ['Infinity', '1e999'],
    ['null', 'null'],
    ['a text', '"fast"'],
    ['less than nothing', '-1'],
  ] as const) {
    it(`are refused when the result is read: ${what}`, () => {
      const damaged = text.replace(/"throughputPerSecond":[\d.]+/, `"throughputPerSecond":${by}`);
      assert.notEqual(damaged, text);
      assert.throws(
        () => parseResultFile(Buffer.from(damaged), 'r.json'),
        (error: unknown) => error instanceof BenchError && error.code === 'RESULT_UNREADABLE',
      );
    });
  }

  it('a metric that is missing is refused, and says which', () => {
    const damaged = text.replace(/"throughputPerSecond":[\d.]+,/, '');
    assert.throws(() => parseResultFile(Buffer.from(damaged), 'r.json'), /throughputPerSecond/);
  });
});

describe('results with gaps, as Markdown and in a terminal', () => {
  const cases: readonly (readonly [string, Summary, RegExp])[] = [
    ['zero trials', emptySummary(), /compared nothing with Redis/],
    ['only Redis', redisOnlySummary(), /compared nothing with Redis/],
    ['a single trial', summaryOf({ blocks: 1, keepTrials: 3 }), /no interval: too few trials/],
  ];
  for (const [name, summary, says] of cases) {
    it(`say so without nonsense: ${name}`, () => {
      const markdown = renderMarkdown(summary);
      assert.match(markdown, says);
      for (const nonsense of ['NaN', 'undefined', 'Infinity', '[object', 'null']) {
        assert.ok(!markdown.includes(nonsense), nonsense);
        assert.ok(!summaryLines(summary).join('\n').includes(nonsense), nonsense);
      }
      assert.match(markdown, /## Where Redis wins\n\n\S/);
      assert.match(markdown, /\*\*self-reported, unaudited\*\*/);
      assert.doesNotMatch(markdown, /\*\*met\*\*/, 'nothing was measured, nothing is met');
    });
  }
});

describe('where Redis wins', () => {
  it('stands in page and Markdown whatever is asked for, and no option leaves it out', () => {
    for (const summary of [smallSummary(), emptySummary(), redisOnlySummary()]) {
      assert.match(renderMarkdown(summary), /\n## Where Redis wins\n\n(?:- |[A-Z])/);
    }
    const result = join(folder, 'result.json');
    writeFileSync(result, JSON.stringify(makeResultFile({ blocks: 2 })));
    const report = (...words: string[]) =>
      spawnSync(process.execPath, [join(packageRoot, 'bin', 'predis-bench.js'), 'report', ...words], {
        cwd: folder,
        encoding: 'utf8',
      });
    const options = [...report('--help').stdout.matchAll(/^\s+(?:-\w, )?(--[\w-]+)/gm)].map(
      ([, name]) => name,
    );
    assert.ok(options.includes('--markdown') && options.includes('--claims'));
    assert.deepEqual(
      options.filter(
        (name) => /no-|redis|wins|hide|skip|without|section/.test(name ?? '') && name !== '--no-color',
      ),
      [],
    );
    for (const word of ['--no-redis-wins', '--no-where-redis-wins']) {
      assert.equal(report(result, word).status, 2);
    }
  });
});
