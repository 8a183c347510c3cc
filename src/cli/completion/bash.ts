import { quoted, steps, valued, type CompletedCommand } from './model.js';
import type { Values } from './values.js';

/** A script for bash 3.2 and later that needs no other package. */
export function bashScript(model: readonly CompletedCommand[]): string {
  return `# Completion of predis-bench for bash. Made by: predis-bench completion bash
_predis_bench_suites() {
  local folder=$PWD
  while [[ -n $folder ]]; do
    if [[ -f $folder/predis-bench.config.json ]]; then predis-bench completion --suites 2>/dev/null; return; fi
    folder=\${folder%/*}
  done
}
_predis_bench_words() { COMPREPLY=($(compgen -W "$1" -- "$cur")); }
_predis_bench_list() {
  local before=
  [[ $cur == *,* ]] && before=\${cur%,*},
  COMPREPLY=($(compgen -P "$before" -W "$1" -- "\${cur##*,}"))
  compopt -o nospace 2>/dev/null
}
_predis_bench_names() {
  COMPREPLY=($(compgen -S = -W "$1" -- "$cur"))
  compopt -o nospace 2>/dev/null
}
_predis_bench_files() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen "$@" -- "$cur"))
  compopt -o filenames 2>/dev/null
}
_predis_bench_results() {
  local IFS=$'\\n' file
  compopt -o filenames 2>/dev/null
  for file in $(compgen -f -X '!*.json' -- "$cur") $(compgen -d -- "$cur") \\
    $([[ $cur == */* ]] || compgen -f -X '!*.json' -- "predis-bench-results/$cur"); do
    [[ $file == *.summary.json ]] || COMPREPLY+=("$file")
  done
}
_predis_bench() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} path= skip= i
  COMPREPLY=()
  # bash hands over --option=value as three words
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ \${COMP_WORDS[i]} == = ]]; then skip=1; continue; fi
    if [[ -n $skip ]]; then skip=; continue; fi
    case "$path:\${COMP_WORDS[i]}" in
${steps(model)
  .map(({ key, path }) => `      ${quoted(key)}) path=${quoted(path)} ;;`)
  .join('\n')}
      ${valued(model)
        .flatMap(({ keys }) => keys)
        .map(quoted)
        .join(' | ')}) skip=1 ;;
    esac
  done
  case "$path:$prev" in
${valued(model)
  .map(({ keys, values }) => `    ${keys.map(quoted).join(' | ')}) ${action(values)}; return ;;`)
  .join('\n')}
  esac
  case "$path:$cur" in
${model
  .map(({ path, options }) => {
    const words = options.flatMap(({ name, short }) => [name, ...(short === null ? [] : [short])]).join(' ');
    return `    ${quoted(`${path}:-`)}*) _predis_bench_words ${quoted(words)} ;;`;
  })
  .join('\n')}
${model
  .flatMap(({ path, commands, argument }) => {
    const words = commands.map(({ name }) => name).join(' ');
    const what = commands.length > 0 ? `_predis_bench_words ${quoted(words)}` : argument && action(argument);
    return what === null ? [] : [`    ${quoted(`${path}:`)}*) ${what} ;;`];
  })
  .join('\n')}
  esac
}
complete -F _predis_bench predis-bench
`;
}

function action(values: Values): string {
  switch (values.kind) {
    case 'words':
    case 'list':
    case 'names':
      return `_predis_bench_${values.kind} ${quoted(values.words.join(' '))}`;
    case 'suites':
      return `_predis_bench_words "${values.words.join(' ')} $(_predis_bench_suites)"`;
    case 'results':
      return '_predis_bench_results';
    case 'files':
      return '_predis_bench_files -f';
    case 'folders':
      return '_predis_bench_files -d';
    case 'anything':
      return ':';
  }
}
