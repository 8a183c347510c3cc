/** Options whose values may hold an address or lead to a secret: they stay out of result files. */
const PRIVATE_OPTIONS = ['--redis', '--redis-password-file', '--redis-tls-ca'];

/** The command line with private values replaced, for the result file and the report. */
export function withoutSecrets(words: readonly string[]): string[] {
  return words.map((word, index) => {
    const previous = words[index - 1];
    if (previous !== undefined && PRIVATE_OPTIONS.includes(previous)) return '<withheld>';
    const option = PRIVATE_OPTIONS.find((name) => word.startsWith(`${name}=`));
    return option === undefined ? word : `${option}=<withheld>`;
  });
}
