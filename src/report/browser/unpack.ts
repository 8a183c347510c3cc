import type { PageElement } from './dom.js';

/**
 * Text of a data block of the page, which is compressed where the page would be too large (see compact-page.ts). Needs
 * DecompressionStream, which browsers have had since 2023.
 */
export async function textOf(element: PageElement | null, absent: string): Promise<string> {
  const text = element?.textContent ?? absent;
  if (element?.dataset.packed !== 'gzip') return text;
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(unpacked).text();
}
