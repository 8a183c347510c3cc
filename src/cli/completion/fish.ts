import { steps, valued, type CompletedCommand, type Described } from './model.js';
import type { Values } from './values.js';

/** A script for fish 3 and later. */
export function fishScript(model: readonly CompletedCommand[]): string {
  return `# Completion of predis-bench for fish. Made by: predis-bench completion fish
function __predis_bench_suites
    set -l folder $PWD
    while test -n "$folder"
        if test -f $folder/predis-bench.config.json
            predis-bench completion --suites 2>/dev/null
            return
        end
        set folder (string replace -r '/[^/]*$' '' -- $folder)
    end
end
function __predis_bench
    set -l cur (commandline -ct)
    set -l typed (commandline -opc)
    set -l prev $typed[-1]
    set -l at ''
    set -l skip 0
    for word in $typed[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch "$at:$word"
${steps(model)
  .map(({ key, path }) => `            case ${quoted(key)}\n                set at ${quoted(path)}`)
  .join('\n')}
            case ${valued(model)
              .flatMap(({ keys }) => keys)
              .map(quoted)
              .join(' ')}
                set skip 1
        end
    end
    if string match -q -- '--*=*' $cur
        # fish offers what begins with all of the word
        set prev (string replace -r '=.*' '' -- $cur)
        __predis_bench_values "$at:$prev" | string replace -r '^' -- "$prev="
        return
    end
    if test $skip = 1
        __predis_bench_values "$at:$prev"
        return
    end
    switch "$at:$cur"
${model
  .map(({ path, options }) => `        case ${quoted(`${path}:-*`)}\n${printed(options, 12)}`)
  .join('\n')}
${model
  .flatMap(({ path, commands, argument }) => {
    const what = commands.length > 0 ? printed(commands, 12) : argument && `            ${action(argument)}`;
    return what === null ? [] : [`        case ${quoted(`${path}:*`)}\n${what}`];
  })
  .join('\n')}
    end
end
function __predis_bench_values
    set -l cur (string replace -r '^--[^=]*=' '' -- (commandline -ct))
    switch $argv[1]
${valued(model)
  .map(({ keys, values }) => `        case ${keys.map(quoted).join(' ')}\n            ${action(values)}`)
  .join('\n')}
    end
end
complete -c predis-bench -e
complete -c predis-bench -f -a '(__predis_bench)'
`;
}

/** In single quotes fish knows an escaped quote and an escaped backslash. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function printed(list: readonly Described[], indent: number): string {
  return list
    .map(
      ({ name, description }) =>
        `${' '.repeat(indent)}printf '%s\\t%s\\n' ${quoted(name)} ${quoted(description)}`,
    )
    .join('\n');
}

function action(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `printf '%s\\n' ${values.words.map(quoted).join(' ')}`;
    case 'list':
      return `set -l before (string match -r '^.*,' -- $cur); printf '%s\\n' $before{${values.words.map(quoted).join(',')}}`;
    case 'names':
      return `printf '%s=\\n' ${values.words.map(quoted).join(' ')}`;
    case 'suites':
      return values.words.length === 0
        ? '__predis_bench_suites'
        : `printf '%s\\n' ${values.words.map(quoted).join(' ')}; __predis_bench_suites`;
    case 'results':
      return '__fish_complete_suffix .json; __fish_complete_suffix predis-bench-results/ .json';
    case 'files':
      return '__fish_complete_path $cur';
    case 'folders':
      return '__fish_complete_directories $cur';
    case 'anything':
      return 'true';
  }
}
