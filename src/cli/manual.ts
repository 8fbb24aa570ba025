// The manual pages asnzone(1) and asnzone.yaml(5), from what --help is made of and from the table of settings.

import type { Setting, SettingKind } from '../config/settings/setting.ts'
import {
  choicesOf,
  defaultText,
  environmentName,
  SETTINGS,
  type SettingName,
  settingNames,
} from '../config/settings.ts'
import { starterConfig } from '../config/starter.ts'
import { VERSION } from '../version.ts'
import { type CommandNode, commandTree, runnableCommands, textAfterHelp } from './command-tree.ts'
import { createProgram } from './program.ts'

/** The pages by the names of their files. */
export function manualPages(date: string): Readonly<Record<string, string>> {
  return { 'asnzone.1': commandPage(date), 'asnzone.yaml.5': configPage(date) }
}

/** The settings that are options as well. */
const optionNames = settingNames.filter((name) => SETTINGS[name].kind !== 'structure')

/** The most characters of a line of the source. */
const WIDTH = 70

const FILES: readonly (readonly [string, string])[] = [
  ['./asnzone.yaml', 'the config file where neither --config nor ASNZONE_CONFIG names one'],
  [
    '/etc/asnzone/asnzone.yaml',
    'that of the service: commands other than serve go by it where neither is there',
  ],
  [
    '$STATE_DIRECTORY, /var/lib/asnzone with the config of the service, or ~/.cache/asnzone',
    'fetched data, the snapshot of the compiled data, and the control socket',
  ],
]

const SIGNALS: readonly (readonly [string, string])[] = [
  ['SIGTERM, SIGINT', 'serve stops; a second one ends it at once'],
  ['SIGHUP', 'serve reads config, zones and data again, as asnzone reload does'],
  ['SIGUSR1', 'serve reopens log-file and query-log, as asnzone reopen does'],
]

function commandPage(date: string): string {
  const program = createProgram()
  const commands = runnableCommands(commandTree(program))
  return [
    heading('ASNZONE', 1, date),
    section(
      'NAME',
      line('asnzone - who runs an IP address, where it is and how far it can be trusted, over DNS'),
    ),
    section('SYNOPSIS', commands.map(synopsis).join('.br\n')),
    section(
      'DESCRIPTION',
      line(program.description()),
      paragraph(
        'It answers mail servers and other clients from memory, refuses every name outside its zones, and never asks other servers.',
      ),
    ),
    section('COMMANDS', commands.map(commandText).join('')),
    section(
      'SETTINGS',
      line(
        'Commands that read the config also take its settings as options, such as --domain. Repeat the option for a list. The settings are explained in',
      ),
      '.BR asnzone.yaml (5).\n',
    ),
    section('SIGNALS', SIGNALS.map(([name, text]) => item(name, text)).join('')),
    section(
      'EXIT STATUS',
      item('0', 'All went well.'),
      item(
        '1',
        'Something is wrong: one line on standard error says what, where, and what to do. Commands with further codes name them above.',
      ),
    ),
    section('FILES', FILES.map(([name, text]) => item(name, text)).join('')),
    section('EXAMPLES', example(examplesOf(textAfterHelp(program)))),
    section('SEE ALSO', '.BR asnzone.yaml (5),\n.BR dig (1),\n.BR unbound.conf (5)\n'),
  ].join('')
}

function configPage(date: string): string {
  return [
    heading('ASNZONE.YAML', 5, date),
    section('NAME', line('asnzone.yaml - the config file of asnzone')),
    section(
      'DESCRIPTION',
      line(
        'YAML with one setting per line. The command line takes precedence over the environment, the environment over this file, and this file over the default. An unknown setting is an error.',
      ),
      paragraph(
        'On the command line a setting is an option, such as --domain, which is repeated for a list. In the environment it is a variable; the values of a list are separated by commas.',
      ),
    ),
    section('SETTINGS', settingNames.map(settingText).join('')),
    section('FILES', FILES.map(([name, text]) => item(name, text)).join('')),
    section('EXAMPLES', line('What asnzone init rspamd writes:'), example(starterConfig('rspamd'))),
    section('SEE ALSO', '.BR asnzone (1)\n'),
  ].join('')
}

function synopsis({ name, usage, options }: CommandNode): string {
  const takes = options.length > 0 ? ' [OPTIONS]' : ''
  return `.B asnzone ${name}\n${text(`${takes} ${usage}`.trim() || ' ')}\n`
}

function commandText({ name, usage, description, options, after }: CommandNode): string {
  const own = options.filter(({ isSetting }) => !isSetting)
  const settings = options.filter(({ isSetting }) => isSetting)
  const [codes = '', examples = ''] = after.split(/^Examples:$/m)
  return [
    `.SS ${text(`asnzone ${name} ${usage}`.trim())}\n`,
    line(description),
    ...(codes.trim() === '' ? [] : [paragraph(codes.trim().replace(/\s+/g, ' '))]),
    ...own.map(({ long, short, placeholder, help }) => {
      const flags = `${short === null ? '' : `-${short}, `}--${long}${placeholder === '' ? '' : ` ${placeholder}`}`
      return item(flags, help)
    }),
    ...(settings.length === 0
      ? []
      : [
          item(
            settings.length === optionNames.length
              ? 'every setting'
              : settings.map(({ long }) => `--${long}`).join(', '),
            'as in asnzone.yaml(5)',
          ),
        ]),
    ...(examples.trim() === '' ? [] : ['.PP\n', example(unindented(examples))]),
  ].join('')
}

function settingText(name: SettingName): string {
  const { kind, help, placeholder, leaves }: Setting = SETTINGS[name]
  const choices = choicesOf(name)
  const standard = defaultText(name)
  const variable = environmentName(name)
  const parts =
    leaves === undefined ? 'In this file only.' : `In the environment ${variable}_ and the name of a part.`
  const where = kind === 'structure' ? parts : `In the environment ${variable}.`
  return item(
    `${name}: ${valueText(kind, placeholder)}`,
    [
      `${help}.`,
      ...(choices.length > 0 ? [`One of ${choices.join(', ')}.`] : []),
      standard === ''
        ? `${kind === 'switch' ? 'Off' : 'Not set'} by default.`
        : `Default: ${standard.replaceAll(/,(?! )/g, ', ')}.`,
      where,
    ].join(' '),
  )
}

/** What follows a setting's name in the file. */
function valueText(kind: SettingKind, placeholder: string): string {
  if (kind === 'switch') return 'true'
  return kind === 'list' ? `[${placeholder}, ...]` : placeholder
}

const examplesOf = (after: string): string => unindented(after.split(/^Examples:$/m)[1] ?? '')

const unindented = (lines: string): string => lines.replace(/^\n|\n$/g, '').replace(/^ {2}/gm, '')

const heading = (name: string, part: number, date: string): string =>
  `.TH ${name} ${part} ${date} "asnzone ${VERSION}" "asnzone manual"\n`

const section = (name: string, ...parts: readonly string[]): string => `.SH ${name}\n${parts.join('')}`

/** Words, cut into lines of the source; how they are set is roff's business. */
function line(words: string): string {
  const lines = ['']
  for (const word of words.split(' ')) {
    const last = lines.length - 1
    if (lines[last] === '') lines[last] = word
    else if (lines[last].length + word.length < WIDTH) lines[last] += ` ${word}`
    else lines.push(word)
  }
  return `${lines.map(text).join('\n')}\n`
}

const paragraph = (words: string): string => `.PP\n${line(words)}`

const item = (term: string, words: string): string => `.TP\n.B ${text(term)}\n${line(words)}`

const example = (lines: string): string =>
  `.nf\n${lines
    .trimEnd()
    .split('\n')
    .map((it) => text(it))
    .join('\n')}\n.fi\n`

/** Text that roff takes for nothing else: no escapes, no requests, hyphens that can be copied. */
function text(words: string): string {
  return words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replace(/^(?=[.])/gm, '\\&')
}
