import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';

import { BenchError } from '../../src/errors.js';
import { gateFormats, judge, unjudged, type GateReport } from '../../src/gate/index.js';
import { makeResultFile } from '../analysis/fixtures.js';
import { sessionTemplate, shake } from './sessions.js';

const calm = { sessionSd: 0, contenderSd: 0, blockSd: 0, trialSd: 0.02 };

/** A report of every verdict. */
function mixed(caseIds: readonly string[] = ['hft', 'gaming', 'zipfian', 'basic']): GateReport {
  const template = sessionTemplate({ blocks: 8, cases: caseIds });
  const report = judge(
    shake(template, { ...calm, seed: 1 }),
    shake(template, { ...calm, seed: 2, predisSpeed: 0.8 }),
  );
  const verdicts = ['regressed', 'no-regression', 'inconclusive', 'invalid'] as const;
  const comparisons = report.comparisons.map((comparison, index) => ({
    ...comparison,
    verdict: verdicts[index % verdicts.length] ?? 'regressed',
  }));
  return { ...report, comparisons };
}

const hostile = [
  '</script><script>alert(1)</script>',
  'a\n::error::b\r\n::set-output name=x::y',
  '::add-mask::secret',
  '##[error]x',
  'a]]>b & "c" \'d\' <!-- e -->',
  'x | y || z \\| w',
  '`code` **bold** [link](https://evil.example/) @everyone #1 www.evil.example',
  '100%0A%25',
  'nul \u0000 bell \u0007 escape \u001b[31m bidi \u202e lone \ud800 end \uffff',
  'z'.repeat(10_000),
];

const nothing = (): GateReport => {
  const [a, b] = [
    makeResultFile({ blocks: 1 }),
    makeResultFile({ blocks: 1, fingerprint: 'fedcba9876543210' }),
  ];
  try {
    judge(a, b);
  } catch (error) {
    const report = unjudged(error, { baseline: a, candidate: b });
    assert.ok(report !== null);
    return report;
  }
  throw new Error('two machines were compared');
};

interface XmlElement {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** Parsed by expat, which refuses whatever is not well-formed. */
function parseXml(text: string): XmlElement {
  const program = `
import sys, json, xml.etree.ElementTree as E
def walk(e): return {"tag": e.tag, "attributes": e.attrib, "text": e.text or "", "children": [walk(c) for c in e]}
print(json.dumps(walk(E.fromstring(sys.stdin.buffer.read()))))`;
  return JSON.parse(
    execFileSync('python3', ['-c', program], { input: text, encoding: 'utf8', maxBuffer: 1 << 26 }),
  ) as XmlElement;
}

describe('JUnit', () => {
  it('has one test case a comparison, in the elements that CI systems count', () => {
    const report = mixed();
    const root = parseXml(gateFormats.junit(report));
    const [suite] = root.children;
    assert.equal(root.tag, 'testsuites');
    assert.equal(suite?.tag, 'testsuite');
    for (const { attributes } of [root, suite]) {
      const counts = [attributes.tests, attributes.failures, attributes.errors, attributes.skipped];
      assert.deepEqual(counts, ['8', '2', '2', '2']);
    }
    // the order that the schema asks for
    const tags = suite.children.map(({ tag }) => tag);
    assert.deepEqual(tags, ['properties', ...Array<string>(8).fill('testcase'), 'system-out', 'system-err']);
    const of = (verdict: string) =>
      suite.children.filter(({ children }) =>
        children.some(
          ({ attributes }) => attributes.type === verdict || attributes.message?.startsWith(verdict),
        ),
      );
    assert.ok(of('regressed').every(({ children }) => children[0]?.tag === 'failure'));
    assert.ok(of('invalid').every(({ children }) => children[0]?.tag === 'error'));
    assert.ok(of('INCONCLUSIVE').every(({ children }) => children[0]?.tag === 'skipped'));
    assert.equal(of('INCONCLUSIVE').length, 2);
  });

  it('stays well-formed with hostile names, and gives them back readable', () => {
    const root = parseXml(gateFormats.junit(mixed(hostile)));
    const classes = root.children[0]?.children.flatMap(({ attributes }) => attributes.classname ?? []) ?? [];
    assert.ok(classes.includes('predis-bench.gate.</script><script>alert(1)</script>'));
    assert.ok(classes.includes('predis-bench.gate.a]]>b & "c" \'d\' <!-- e -->'));
    assert.ok(classes.some((name) => name.includes('\\u{1b}[31m bidi \\u{202e} lone \ufffd end \ufffd')));
  });

  it('says that there is no baseline as an error', () => {
    const root = parseXml(gateFormats.junit(nothing()));
    const suite = root.children[0];
    assert.deepEqual([suite?.attributes.tests, suite?.attributes.errors], ['1', '1']);
    const error = suite?.children.find(({ tag }) => tag === 'testcase')?.children[0];
    assert.equal(error?.tag, 'error');
    assert.equal(error.attributes.type, 'no-baseline');
    assert.match(error.text, /another machine.*--relative/);
  });
});

describe('GitHub', () => {
  const commands = (text: string) => text.split('\n').filter((line) => line.trimStart().startsWith('::'));

  it('annotates: errors for what is regressed or invalid, warnings for what is open', () => {
    const lines = commands(gateFormats.github(mixed()));
    assert.equal(lines.filter((line) => line.startsWith('::error ')).length, 4);
    assert.equal(lines.filter((line) => line.startsWith('::warning ')).length, 2);
    assert.match(
      lines[0] ?? '',
      /^::error title=REGRESSED%3A [a-z]+%2C predis%2C throughput::\d+ k\/s → \d+ k\/s: lost 2\d/,
    );
    assert.ok(lines.every((line) => !/%(?!25|0A|0D|3A|2C)/.test(line)));
  });

  it('lets no name become a command of its own', () => {
    const text = gateFormats.github(mixed(hostile));
    for (const line of commands(text)) {
      assert.match(line, /^::(error|warning) title=[^:,]*::/);
    }
    // the older syntax counts anywhere in a line that is no command of the newer
    for (const line of text.split('\n').filter((line) => !line.startsWith('::'))) {
      assert.ok(!line.includes('##['), line);
    }
  });

  it('shows no more annotations than GitHub does, and counts the rest', () => {
    const lines = commands(
      gateFormats.github(mixed(Array.from({ length: 30 }, (_, i) => `case-${String(i)}`))),
    );
    assert.equal(lines.length, 20);
    assert.equal(lines[9], '::error title=predis-bench gate::21 comparisons more.');
  });

  it('says all is well as a notice, and no baseline as an error', () => {
    const template = sessionTemplate({ blocks: 8, cases: ['hft'] });
    const well = judge(shake(template, { ...calm, seed: 1 }), shake(template, { ...calm, seed: 2 }));
    assert.match(
      commands(gateFormats.github(well)).join(),
      /^::notice title=predis-bench gate::Gate%?: no regression/,
    );
    assert.match(
      commands(gateFormats.github(nothing())).join(),
      /^::error title=predis-bench gate%3A NO BASELINE::/,
    );
  });
});

describe('Markdown', () => {
  it('keeps hostile names within their cells, without markup, mention or HTML', () => {
    const text = gateFormats.markdown(mixed(hostile));
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    assert.equal(rows.length, 2 + 2 * hostile.length);
    for (const row of rows) assert.equal(row.split(/(?<!\\)(?:\\\\)*\|/).length, 9, row);
    assert.doesNotMatch(text, /<(?!\/?$)/);
    assert.doesNotMatch(text, /@e|(?<!\\)`|(?<!\\)\[|https:\/\//);
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u202e]/u); // eslint-disable-line no-control-regex
  });

  it('fits into a comment on a pull request, whatever was judged', () => {
    const names = Array.from({ length: 60 }, (_, i) => `${String(i)} ${'&|<'.repeat(2000)}`);
    const text = gateFormats.markdown(mixed(names));
    assert.ok(text.length < 65_536, String(text.length));
    assert.match(text, /\d\d comparisons more, no graver than these\./);
  });

  it('says why nothing was compared', () => {
    assert.match(
      gateFormats.markdown(nothing()),
      /^### predis-bench gate: NO BASELINE\n\nThe baseline was measured on another machine/,
    );
  });
});

describe('answers without a comparison', () => {
  it('are made of failures that are answers, and of no others', () => {
    const made = (code: ConstructorParameters<typeof BenchError>[0]) =>
      unjudged(new BenchError(code, 'why'), {});
    assert.deepEqual([made('NO_BASELINE')?.verdict, made('NO_BASELINE')?.exitCode], ['no-baseline', 4]);
    assert.deepEqual(
      [made('MEASUREMENT_INVALID')?.verdict, made('MEASUREMENT_INVALID')?.exitCode],
      ['invalid', 5],
    );
    assert.deepEqual([made('RESULT_VERSION')?.verdict, made('RESULT_VERSION')?.exitCode], ['error', 7]);
    assert.equal(made('UNKNOWN_CONTENDER'), null);
    assert.equal(unjudged(new TypeError('a defect'), {}), null);
  });
});
