/** SVG files with hostile names: a browser's XML parser takes them for well-formed, and finds no element that was smuggled in. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { chromium, type Browser, type Page } from 'playwright-core';
import { hostileNames } from './hostile-names.js';
import { chartsSummary } from './summaries.js';

// Before the canvas is loaded: the machine has no fonts, as a bare container.
process.env.DISABLE_SYSTEM_FONTS_LOAD = '1';
const { shortNamesText } = await import('../../src/report/charts/marks.js');
const { caseCharts, slideCharts } = await import('../../src/report/charts/specs.js');
const { renderSvg } = await import('../../src/report/charts/svg.js');

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** What an XML parser finds in a document. */
interface Parsed {
  readonly error: string | null;
  readonly elements: readonly string[];
  readonly attributes: readonly string[];
  readonly title: string;
  readonly description: string;
}

/** What a chart is drawn with; among it nothing that runs, loads or leads anywhere. */
const drawn = new Set([
  'svg',
  'title',
  'desc',
  'g',
  'path',
  'rect',
  'defs',
  'clipPath',
  'use',
  'line',
  'polyline',
  'polygon',
  'circle',
  'ellipse',
]);

describe(
  'SVG files with hostile names',
  { skip: existsSync(executablePath) ? false : `no Chromium at ${executablePath}` },
  () => {
    let browser: Browser;
    let page: Page;
    before(async () => {
      browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
      page = await browser.newPage();
    });
    after(async () => {
      await browser.close();
    });

    const parse = (text: string): Promise<Parsed> =>
      page.evaluate(
        `((text) => {
          const parsed = new DOMParser().parseFromString(text, 'application/xml');
          const all = [...parsed.querySelectorAll('*')];
          return {
            error: parsed.querySelector('parsererror')?.textContent ?? null,
            elements: [...new Set(all.map(({ localName }) => localName))],
            attributes: [...new Set(all.flatMap((one) => [...one.attributes].map(({ name, value }) => name + '=' + value.slice(0, 40))))],
            title: parsed.querySelector('svg > title')?.textContent ?? '',
            description: parsed.querySelector('svg > desc')?.textContent ?? '',
          };
        })(${JSON.stringify(text)})`,
      );

    for (const [what, names] of hostileNames) {
      it(`are well-formed: ${what}`, async () => {
        const summary = chartsSummary(names);
        const specs = [...caseCharts(summary, 0), ...slideCharts(summary)];
        // the last of each form: one of profiles bears the name of the trace
        for (const spec of new Map(specs.map((one) => [one.form, one])).values()) {
          const { error, elements, attributes } = await parse(await renderSvg(spec, shortNamesText(summary)));
          assert.equal(error, null, spec.id);
          assert.deepEqual(
            elements.filter((name) => !drawn.has(name)),
            [],
            spec.id,
          );
          assert.deepEqual(
            attributes.filter((one) => /^on|^(?:xlink:)?href=(?!#)|url\((?!#)|^style=/i.test(one)),
            [],
            spec.id,
          );
        }
      });

      it(`say the names as text, even where nothing made them readable before: ${what}`, async () => {
        const [spec] = slideCharts(chartsSummary());
        assert.ok(spec !== undefined);
        for (const raw of names) {
          // the canvas draws no text with a NUL in it, and every text of a spec has been made visible before
          const name = raw.replaceAll('\0', '');
          const { error, elements, title, description } = await parse(
            await renderSvg({ ...spec, title: name, subtitle: name, howToRead: name }, name),
          );
          assert.equal(error, null, JSON.stringify(name.slice(0, 40)));
          assert.deepEqual(
            elements.filter((one) => !drawn.has(one)),
            [],
          );
          // what no XML document may hold becomes the replacement character
          const characters = Array.from(name);
          const said = Array.from(title);
          assert.equal(said.length, characters.length);
          for (const [at, character] of said.entries()) {
            if (character !== characters[at]) assert.equal(character, '\ufffd');
          }
          assert.ok(description.includes(title));
        }
      });
    }

    it('of a parser that finds faults', async () => {
      const { error } = await parse('<svg xmlns="http://www.w3.org/2000/svg"><title>a</svg>');
      assert.notEqual(error, null);
      const smuggled = await parse('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>');
      assert.deepEqual(smuggled.elements, ['svg', 'script']);
    });
  },
);
