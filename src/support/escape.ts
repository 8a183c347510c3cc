/**
 * Makes text from outside (file names, server replies, workload names) safe to print on a terminal: control characters,
 * escape sequences and bidirectional overrides become visible `\u{…}` escapes, and long text is cut.
 *
 * @param text anything
 * @param maxLength characters kept, 1 and up
 */
export function terminalSafe(text: string, maxLength = 300): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  // eslint-disable-next-line no-control-regex -- control characters are what this function is about
  return cut.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
