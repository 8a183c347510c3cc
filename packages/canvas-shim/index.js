'use strict';
// chartjs-node-canvas asks for the package `canvas`, which downloads or compiles its binary at install time. This package
// takes that name (see "overrides" in the root package.json) and hands out the compatible API of @napi-rs/canvas instead.
const canvas = require('@napi-rs/canvas/node-canvas');

// chartjs-node-canvas calls toBuffer() on SVG canvases; @napi-rs/canvas names the same thing getContent().
const svgPrototype = canvas.SVGCanvas?.prototype ?? require('@napi-rs/canvas').SVGCanvas?.prototype;
if (svgPrototype !== undefined && typeof svgPrototype.toBuffer !== 'function') {
  svgPrototype.toBuffer = function toBuffer() {
    return this.getContent();
  };
}

module.exports = canvas;
