// asnzone completion: a script that lets a shell complete commands, options and their values.

import { Argument, type Command } from 'commander'
import { print } from '../print.ts'
import { type CommandNode, commandTree, type OptionNode } from './command-tree.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const

/** A shell that there is a script for. */
export type Shell = (typeof SHELLS)[number]

/** Adds the command. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .summary('print a script for completion in your shell')
    .description(
      'Prints a script that lets a shell complete the commands of asnzone, their options and values.',
    )
    .addArgument(new Argument('<SHELL>', 'the shell').choices(SHELLS))
    .addHelpText(
      'after',
      `
Examples:
  asnzone completion bash > /etc/bash_completion.d/asnzone
  asnzone completion zsh > /usr/local/share/zsh/site-functions/_asnzone
  asnzone completion fish > ~/.config/fish/completions/asnzone.fish`,
    )
    .action((shell: Shell) => {
      print(completionScript(commandTree(program), shell).trimEnd().split('\n'))
    })
}

/** The script of a shell for these commands. */
export function completionScript(commands: readonly CommandNode[], shell: Shell): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](commands)
}

/** Whatever completes an option, with its dashes. */
const flagsOf = ({ long, short }: OptionNode): string[] => [
  `--${long}`,
  ...(short === null ? [] : [`-${short}`]),
]

function bashScript(commands: readonly CommandNode[]): string {
  const names = commands.map(({ name }) => name)
  const cases = commands.map(({ name, options, choices }) => {
    const values = options
      .filter(({ value }) => value !== 'none')
      .map((option) => {
        const flags = flagsOf(option).join('|')
        if (option.value === 'choice') return `        ${flags}) words='${option.choices.join(' ')}' ;;`
        const files = { file: 'compgen -f', directory: 'compgen -d' }[option.value as string]
        const reply =
          files === undefined ? 'COMPREPLY=()' : `mapfile -t COMPREPLY < <(${files} -- "$current")`
        return `        ${flags}) ${reply}; return ;;`
      })
    const flags = [...options.flatMap(flagsOf), '--help', ...choices].join(' ')
    return `    ${name})
      words='${flags}'
      case $previous in
${values.join('\n')}
      esac
      ;;`.replace(/ {6}case \$previous in\n\n {6}esac\n/, '')
  })
  return `# Completion of asnzone for bash: asnzone completion bash
_asnzone() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command='' word words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in ${names.join('|')}) command=$word; break ;; esac
  done
  words='${[...names, '--help', '--version'].join(' ')}'
  case $command in
${cases.join('\n')}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o default -F _asnzone asnzone
`
}

function zshScript(commands: readonly CommandNode[]): string {
  const list = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`)
  const cases = commands.map(({ name, options, argument, choices }) => {
    const rest =
      argument === 'none'
        ? []
        : [`'1:: :${choices.length > 0 ? `(${choices.join(' ')})` : ''}'`, `'*: :_files'`]
    const parts = [...options.map(zshOption), `'--help[display help]'`, ...rest]
    return `    ${name}) _arguments ${parts.join(' \\\n      ')} ;;`
  })
  return `#compdef asnzone
# Completion of asnzone for zsh: asnzone completion zsh
_asnzone() {
  local -a commands
  commands=(
${list.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _asnzone ]]; then _asnzone "$@"; else compdef _asnzone asnzone; fi
`
}

function zshOption(option: OptionNode): string {
  const help = option.help.replace(/[[\]:\\]/g, '\\$&')
  const action = { none: '', text: ':value: ', file: ':file:_files', directory: ':directory:_files -/' }
  const value = option.value === 'choice' ? `:value:(${option.choices.join(' ')})` : action[option.value]
  // A list is an option that may be repeated.
  return flagsOf(option)
    .map((flag) => quoted(`*${flag}[${help}]${value}`))
    .join(' ')
}

function fishScript(commands: readonly CommandNode[]): string {
  const lines = commands.flatMap(({ name, summary, options, choices }) => {
    const within = `complete -c asnzone -n '__fish_seen_subcommand_from ${name}'`
    return [
      `complete -c asnzone -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
      ...(choices.length > 0 ? [`${within} -f -a ${quoted(choices.join(' '))}`] : []),
      ...options.map((option) => {
        const short = option.short === null ? '' : ` -s ${option.short}`
        const values = option.choices.length > 0 ? ` -a ${quoted(option.choices.join(' '))}` : ''
        const kind = {
          none: '',
          file: ' -r -F',
          directory: " -x -a '(__fish_complete_directories)'",
          text: ' -x',
          choice: ' -x',
        }
        return `${within} -l ${option.long}${short}${kind[option.value]}${values} -d ${quoted(option.help)}`
      }),
    ]
  })
  return `# Completion of asnzone for fish: asnzone completion fish
${lines.join('\n')}
`
}

/** In single quotes, for all three shells. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
