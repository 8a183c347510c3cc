/**
 * The few parts of the browser that the page's script touches. The project compiles for Node.js, without TypeScript's DOM
 * library, so that no other room can use a browser global by mistake.
 */
export interface PageElement {
  readonly clientWidth: number;
  readonly textContent: string | null;
  innerHTML: string;
  readonly dataset: Readonly<Record<string, string | undefined>>;
  readonly parentElement: PageElement | null;
  readonly style: { height: string };
  /** Of a canvas: pixels of its bitmap. */
  width: number;
  height: number;
}

interface MediaQuery {
  readonly matches: boolean;
  addEventListener(type: 'change', listener: () => void): void;
}

export interface PageWindow {
  readonly document: {
    readonly fonts: { load(font: string): Promise<unknown> };
    getElementById(id: string): PageElement | null;
    querySelectorAll(selector: string): Iterable<PageElement>;
  };
  readonly innerWidth: number;
  matchMedia(query: string): MediaQuery;
  addEventListener(type: 'beforeprint' | 'afterprint' | 'resize', listener: () => void): void;
  readonly IntersectionObserver: new (
    callback: (
      entries: readonly { readonly isIntersecting: boolean; readonly target: PageElement }[],
    ) => void,
    options: { readonly rootMargin: string },
  ) => { observe(target: PageElement): void; unobserve(target: PageElement): void };
}
