// The commands and their options as plain data, for the manual and for shell completion.

import type { Command, Option } from 'commander'
import { choicesOf, SETTINGS, settingNames } from '../config/settings.ts'

/** What a value of an option or an argument may be. */
export type ValueKind = 'none' | 'text' | 'file' | 'directory' | 'choice'

/** An option. */
export interface OptionNode {
  /** Without dashes. */
  readonly long: string
  readonly short: string | null
  /** What stands for the value, '' where there is none. */
  readonly placeholder: string
  readonly help: string
  readonly value: ValueKind
  readonly choices: readonly string[]
  /** Whether it is a setting that the config file has as well. */
  readonly isSetting: boolean
}

/** A command. */
export interface CommandNode {
  /** Such as `serve`, or `policy check` of a command within one. */
  readonly name: string
  readonly summary: string
  readonly description: string
  /** Such as `<SERVER> [FILE]`. */
  readonly usage: string
  readonly options: readonly OptionNode[]
  /** What the first argument may be. */
  readonly argument: ValueKind
  readonly choices: readonly string[]
  /** What `--help` says after the options: exit codes and examples. */
  readonly after: string
  /** Commands within this one, which does nothing itself then. */
  readonly commands: readonly CommandNode[]
}

/** The commands of a program. */
export function commandTree(program: Command): CommandNode[] {
  return program.commands.map((command) => nodeOf(command, ''))
}

/** Those that do something: of commands with commands within, these. */
export function runnableCommands(tree: readonly CommandNode[]): CommandNode[] {
  return tree.flatMap((node) => (node.commands.length === 0 ? [node] : runnableCommands(node.commands)))
}

function nodeOf(command: Command, above: string): CommandNode {
  const name = `${above}${command.name()}`
  const commands = command.commands.map((it) => nodeOf(it, `${name} `))
  const [argument] = command.registeredArguments
  const choices = argument?.argChoices ?? command.commands.map((it) => it.name())
  const own = command.options.filter((option) => !option.hidden).map(optionNode)
  const within = new Map(commands.flatMap(({ options }) => options).map((option) => [option.long, option]))
  return {
    name,
    summary: command.summary(),
    description: command.description(),
    usage: command.registeredArguments
      .map((it) => {
        const label = `${it.name()}${it.variadic ? '...' : ''}`
        return it.required ? `<${label}>` : `[${label}]`
      })
      .join(' '),
    options: commands.length === 0 ? own : [...within.values()],
    argument: choices.length > 0 ? 'choice' : argument === undefined ? 'none' : 'text',
    choices,
    after: textAfterHelp(command),
    commands,
  }
}

/** What was given to `addHelpText('after')`: what is printed beyond the help itself. */
export function textAfterHelp(command: Command): string {
  let text = ''
  const output = { ...command.configureOutput() }
  command.configureOutput({ writeOut: (part) => (text += part) })
  command.outputHelp()
  command.configureOutput(output)
  return text.slice(command.helpInformation().length).trim()
}

function optionNode(option: Option): OptionNode {
  const long = (option.long ?? '').replace(/^--/, '')
  const setting = settingNames.find((name) => name === long)
  const choices = setting === undefined ? (option.argChoices ?? []) : choicesOf(setting)
  return {
    long,
    short: option.short?.replace(/^-/, '') ?? null,
    placeholder: /<(.*)>/.exec(option.flags)?.[1] ?? '',
    help: setting === undefined ? option.description : SETTINGS[setting].help,
    value: valueKindOf(option, choices),
    choices,
    isSetting: setting !== undefined,
  }
}

function valueKindOf(option: Option, choices: readonly string[]): ValueKind {
  if (!option.required && !option.optional) return 'none'
  if (choices.length > 0) return 'choice'
  if (option.flags.includes('<FILE>')) return 'file'
  return option.flags.includes('<DIR>') ? 'directory' : 'text'
}
