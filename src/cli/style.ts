/** Colours of a terminal. They only underline what words already say: nothing is told by colour alone. */

export interface Style {
  readonly enabled: boolean;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
}

/** What decides whether there are colours. */
export interface StyleFacts {
  readonly isTerminal: boolean;
  /** --no-color was typed. */
  readonly switchedOff: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Colours for one stream: none with --no-color or a NO_COLOR that is not empty (no-color.org), some with FORCE_COLOR other
 * than 0 or false, otherwise where the stream is a terminal that is not dumb.
 */
export function chooseStyle({ isTerminal, switchedOff, environment }: StyleFacts): Style {
  const { NO_COLOR: off = '', FORCE_COLOR: forced, TERM: terminal } = environment;
  const refused = switchedOff || off !== '' || forced === '0' || forced === 'false';
  const enabled = !refused && (forced !== undefined || (isTerminal && terminal !== 'dumb'));
  // Select Graphic Rendition, ECMA-48 8.3.117; each is ended by the code for "as before", so that they nest
  const code = (on: number, after: number) => (text: string) =>
    enabled && text !== '' ? `\u001b[${String(on)}m${text}\u001b[${String(after)}m` : text;
  return {
    enabled,
    bold: code(1, 22),
    dim: code(2, 22),
    red: code(31, 39),
    green: code(32, 39),
    yellow: code(33, 39),
  };
}
