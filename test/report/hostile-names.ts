/** Names that break what takes them for granted, and what each is. */
export const hostileNames: readonly (readonly [string, string])[] = [
  ['elements', '</title></script><script>alert(1)</script><image href="http://evil.example/x.png"/>'],
  ['one long word', 'W'.repeat(10_000)],
  ['many words', 'as many words as nobody would read '.repeat(30)],
  ['controls of a terminal', '\u001b[31mred\u001b[0m\u0007\u0000\u009b2J'],
  ['other directions', '\u202egnirts a\u202c \u200f\u2066 \u05e9\u05dc\u05d5\u05dd'],
  ['the end of a section', ']]> -->'],
  ['quotes', '"&\'<>`&amp;&#0;'],
  ['no characters of XML', '\ufffe\uffff\ud800 \udc00'],
  ['wide letters', '漢字かな交じり文 '.repeat(12)],
];
