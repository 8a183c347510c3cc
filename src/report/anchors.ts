/**
 * Puts a link to itself beside every heading that names a section or an article (`<h2 id="overview-title">` in
 * `<section id="overview">`), so that any part of the page can be pointed to. Beside, not inside: a section is called by its
 * heading alone.
 */
export function withAnchors(html: string): string {
  return html.replace(
    /<(h[23]) id="([a-z0-9-]+)-title">([^]*?)<\/\1>/g,
    (heading: string, _level: string, id: string, content: string) => {
      const name = content.replace(/<[^>]*>/g, '');
      return `<div class="heading">${heading}<a class="anchor" href="#${id}" aria-label="Link to ${name}">#</a></div>`;
    },
  );
}
