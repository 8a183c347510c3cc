/**
 * The picture in the README: the report of the reference result in a real browser without a network. It must look like the one that
 * was accepted; `npm run golden:accept` takes it anew.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { summarise } from '../../src/analysis/summarise.js';
import { renderHtml } from '../../src/report/html.js';
import { readResultFile } from '../../src/results/read.js';
import { packageRoot } from '../../src/support/package-root.js';
import { defaultClaims } from './summaries.js';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const RESULT = 'results/h200/all.json';
const PICTURE = join(packageRoot, 'docs/images/report.png');

/** The picture is compared in tiles of this many pixels: edges of letters differ from one Chromium to the next. */
const TILE = 40;
/** Mean difference of a colour in a tile that counts as another one, of 255. */
const TILE_DIFFERENCE = 12;
/** Share of the tiles that may be others. */
const MAX_SHARE = 0.03;

interface Tiles {
  readonly width: number;
  readonly height: number;
  readonly colours: Uint8ClampedArray;
}

/** The picture scaled down, a pixel a tile. */
async function tilesOf(path: string): Promise<Tiles> {
  const image = await loadImage(path);
  const [width, height] = [Math.round(image.width / TILE), Math.round(image.height / TILE)];
  const pen = createCanvas(width, height).getContext('2d');
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(image, 0, 0, width, height);
  return { width, height, colours: pen.getImageData(0, 0, width, height).data };
}

/** Share of the tiles in which two pictures of one size differ. */
function differingShare(a: Tiles, b: Tiles): number {
  let differing = 0;
  for (let at = 0; at < a.colours.length; at += 4) {
    let sum = 0;
    for (let part = at; part < at + 3; part++)
      sum += Math.abs((a.colours[part] ?? 0) - (b.colours[part] ?? 0));
    if (sum / 3 > TILE_DIFFERENCE) differing++;
  }
  return differing / (a.colours.length / 4);
}

it(
  'the README shows the report as it is',
  { skip: existsSync(executablePath) ? false : `no Chromium at ${executablePath}` },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'predis-bench-picture-'));
    try {
      const result = readResultFile(join(packageRoot, RESULT));
      const page = join(folder, 'report.html');
      writeFileSync(
        page,
        renderHtml(summarise([{ fileName: 'all.json', result }], { claims: defaultClaims })),
      );
      const picture = join(folder, 'report.png');
      const { status, stderr } = spawnSync(
        process.execPath,
        [join(packageRoot, 'scripts/screenshot.mjs'), page, picture],
        { encoding: 'utf8' },
      );
      assert.equal(status, 0, stderr);
      if (process.env.UPDATE_GOLDEN === '1') copyFileSync(picture, PICTURE);
      const [now, accepted] = [await tilesOf(picture), await tilesOf(PICTURE)];
      assert.equal(now.width, accepted.width);
      const grounds = new Set<string>();
      for (let at = 0; at < now.colours.length; at += 4) grounds.add(now.colours.slice(at, at + 3).join());
      assert.ok(grounds.size > 100, 'the picture shows something');
      const another = 'it is another one: npm run golden:accept, and look at docs/images/report.png';
      assert.equal(now.height, accepted.height, another);
      assert.ok(
        differingShare(now, accepted) < MAX_SHARE,
        `${String(differingShare(now, accepted))}: ${another}`,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
