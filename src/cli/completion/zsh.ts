import { quoted, steps, valued, type CompletedCommand, type Described } from './model.js';
import type { Values } from './values.js';

/** A script for zsh: a file \`_predis-bench\` on fpath, or sourced after compinit. */
export function zshScript(model: readonly CompletedCommand[]): string {
  return `#compdef predis-bench
# Completion of predis-bench for zsh. Made by: predis-bench completion zsh
_predis_bench_suites() {
  local folder=$PWD
  while [[ -n $folder ]]; do
    if [[ -f $folder/predis-bench.config.json ]]; then predis-bench completion --suites 2>/dev/null; return; fi
    folder=\${folder%/*}
  done
}
_predis_bench() {
  local cur=$words[CURRENT] prev=$words[CURRENT-1] at= skip= word
  local -a described
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [[ -n $skip ]]; then skip=; continue; fi
    case "$at:$word" in
${steps(model)
  .map(({ key, path }) => `      ${quoted(key)}) at=${quoted(path)} ;;`)
  .join('\n')}
      ${valued(model)
        .flatMap(({ keys }) => keys)
        .map(quoted)
        .join('|')}) skip=1 ;;
    esac
  done
  if [[ $cur == --*=* ]]; then prev=\${cur%%=*}; compset -P '*='; fi
  case "$at:$prev" in
${valued(model)
  .map(({ keys, values }) => `    ${keys.map(quoted).join('|')}) ${action(values)}; return ;;`)
  .join('\n')}
  esac
  case "$at:$cur" in
${model
  .map(({ path, options }) => `    ${quoted(`${path}:-`)}*) ${describe('option', options)} ;;`)
  .join('\n')}
${model
  .flatMap(({ path, commands, argument }) => {
    const what = commands.length > 0 ? describe('command', commands) : argument && action(argument);
    return what === null ? [] : [`    ${quoted(`${path}:`)}*) ${what} ;;`];
  })
  .join('\n')}
  esac
}
if [[ $funcstack[1] == _predis-bench ]]; then _predis_bench "$@"; else compdef _predis_bench predis-bench; fi
`;
}

/** Names with what they are beside them; a colon in a name would end it. */
function describe(what: 'option' | 'command', list: readonly Described[]): string {
  const items = list.map(({ name, description }) => quoted(`${name.replaceAll(':', '\\:')}:${description}`));
  return `described=(${items.join(' ')}); _describe ${what === 'option' ? '-o ' : ''}${what} described`;
}

function action(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `compadd -- ${values.words.map(quoted).join(' ')}`;
    case 'list':
      return `compset -P '*,'; compadd -S '' -- ${values.words.map(quoted).join(' ')}`;
    case 'names':
      return `compadd -S = -- ${values.words.map(quoted).join(' ')}`;
    case 'suites':
      return `compadd -- ${values.words.map(quoted).join(' ')} \${(f)"$(_predis_bench_suites)"}`;
    case 'results':
      return `_files -g '*.json'; compadd -f -- predis-bench-results/*.json(N)`;
    case 'files':
      return '_files';
    case 'folders':
      return '_files -/';
    case 'anything':
      return ':';
  }
}
