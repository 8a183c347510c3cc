import { createCanvas, loadImage } from '@napi-rs/canvas';
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodePng } from '../../src/report/charts/png-file.js';

/** Red, green, blue and alpha of each pixel, as another program's decoder reads them. */
async function decoded(png: Buffer): Promise<Buffer> {
  const image = await loadImage(png);
  const canvas = createCanvas(image.width, image.height);
  const pen = canvas.getContext('2d');
  pen.drawImage(image, 0, 0);
  return Buffer.from(pen.getImageData(0, 0, image.width, image.height).data.buffer);
}

describe('encodePng', () => {
  it('keeps every pixel of any opaque picture', async () => {
    const picture = fc
      .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }))
      .chain(([width, height]) =>
        fc.record({
          width: fc.constant(width),
          height: fc.constant(height),
          colours: fc.uint8Array({ minLength: 3 * width * height, maxLength: 3 * width * height }),
        }),
      );
    await fc.assert(
      fc.asyncProperty(picture, async ({ width, height, colours }) => {
        const pixels = Buffer.alloc(4 * width * height, 255);
        for (const [at, value] of colours.entries()) pixels[Math.floor(at / 3) * 4 + (at % 3)] = value;
        assert.deepEqual(await decoded(await encodePng(pixels, width, height)), pixels);
      }),
      { numRuns: 50 },
    );
  });
});
