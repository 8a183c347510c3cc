/** Names that break what takes them for granted, three and three, and what they are. */
export const hostileNames: readonly (readonly [string, readonly [string, string, string]])[] = [
  [
    'elements, the end of a section, quotes',
    [
      '</title></script><script>alert(1)</script><image href="http://evil.example/x.png"/>',
      ']]> -->',
      '"&\'<>`&amp;&#0;',
    ],
  ],
  [
    'one long word, many words, wide letters',
    ['W'.repeat(10_000), 'as many words as nobody would read '.repeat(30), '漢字かな交じり文 '.repeat(12)],
  ],
  [
    'controls of a terminal, other directions, no characters of XML',
    [
      '\u001b[31mred\u001b[0m\u0007\u0000\u009b2J',
      '\u202egnirts a\u202c \u200f\u2066 \u05e9\u05dc\u05d5\u05dd',
      '\ufffe\uffff\ud800 \udc00',
    ],
  ],
];
