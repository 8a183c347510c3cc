import { basename } from 'node:path';

/** Options whose values may hold an address or lead to a secret: they stay out of result files. */
const PRIVATE_OPTIONS = ['--redis', '--redis-password-file', '--redis-tls-ca'];

/** Options whose values are paths: of these the folder stays out. */
const PATH_OPTIONS = ['--file'];

/** The command line with private values replaced and folders of traces left out, for the result file and the report. */
export function withoutSecrets(words: readonly string[]): string[] {
  return words.map((word, index) => {
    const previous = words[index - 1];
    if (previous !== undefined && PRIVATE_OPTIONS.includes(previous)) return '<withheld>';
    if (previous !== undefined && PATH_OPTIONS.includes(previous)) return basename(word);
    const path = PATH_OPTIONS.find((name) => word.startsWith(`${name}=`));
    if (path !== undefined) return `${path}=${basename(word.slice(path.length + 1))}`;
    const option = PRIVATE_OPTIONS.find((name) => word.startsWith(`${name}=`));
    return option === undefined ? word : `${option}=<withheld>`;
  });
}
