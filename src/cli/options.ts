// The options that every command shares: one for each setting, made from the table of settings.

import { type Command, Option } from 'commander'
import { ownerAtWork } from '../app/as-owner.ts'
import { refuseStranger } from '../app/root.ts'
import {
  DEFAULT_CONFIG_FILE,
  FOUND_CONFIG_FILES,
  type FoundConfig,
  findConfig,
  SERVICE_CONFIG_FILE,
} from '../config/found-config.ts'
import { loadSettings } from '../config/load.ts'
import { camelCase, type Settings } from '../config/setting-values.ts'
import type { LeafOption, Setting } from '../config/settings/setting.ts'
import { defaultText, environmentName, SETTINGS, type SettingName, settingNames } from '../config/settings.ts'
import { AsnzoneError } from '../errors.ts'
import { complain } from '../print.ts'

/** Adds `--config` and an option for each of the named settings, or for all of them. */
export function addSettingOptions(
  command: Command,
  names: readonly SettingName[] = settingNames,
  standard = 'asnzone.yaml, or else /etc/asnzone/asnzone.yaml',
): Command {
  command.option('-c, --config <FILE>', `the config file (default: ${standard})`)
  for (const name of names) {
    const setting: Setting = SETTINGS[name]
    const { help, placeholder, kind, leafOptions = [] } = setting
    for (const leaf of leafOptions) addLeafOption(command, leaf)
    if (kind === 'structure') continue
    const standard = defaultText(name)
    const shown = standard === '' ? '' : ` (default: ${standard})`
    const value = kind === 'switch' ? '' : ` <${placeholder}>`
    const option = new Option(`--${name}${value}`, `${help}${shown} [$${environmentName(name)}]`)
    if (kind === 'list') option.argParser(addToList)
    command.addOption(option)
  }
  return command
}

function addLeafOption(command: Command, { name, kind, help, placeholder }: LeafOption): void {
  const variable = environmentName(name)
  const option = new Option(`--${name} <${placeholder}>`, `${help} [$${variable}]`)
  if (kind === 'list') option.argParser(addToList)
  command.addOption(option)
}

function addToList(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), ...value.split(',').map((item) => item.trim())]
}

/** What a command needs of its settings. */
interface Needs {
  /** Whether it looks into the data directory. */
  readonly needsData?: boolean
  /**
   * The settings that do where another one is wrong: a server that runs has read all of them when they were right. Who gives
   * all of these by options or the environment needs no config.
   */
  readonly suffices?: readonly SettingName[]
  /** More settings that are looked at then, as far as they are right. */
  readonly uses?: readonly SettingName[]
  /** Whether it tells of what is wrong then, at once. */
  readonly tells?: boolean
}

/**
 * The settings that a command goes by, from its options, the environment and the config: the one that is named, or else
 * ./asnzone.yaml or that of the service, and then it is told which.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` about what is wrong, or that this user may not.
 */
export function settingsOf(
  options: Options,
  { needsData = true, suffices, uses = [], tells = true }: Needs = {},
): Settings {
  // Root has read them, and said so, before it became the owner of the data.
  const fromRoot = ownerAtWork()?.settings
  if (fromRoot !== undefined) return fromRoot
  const { file, isNamed } = configOf(options)
  const settings =
    suffices === undefined ? readSettings(options, file) : readEnough(options, file, suffices, uses)
  if (tells && settings.mistake !== undefined) complain(`asnzone: ${settings.mistake}`, 'error')
  if (file !== null && !isNamed) {
    complain(`asnzone: config ${file}, data in ${settings.dataDir}`, 'information')
  }
  if (needsData) refuseStranger(settings.dataDir)
  return settings
}

/** The settings of a command that asks the policy service: what is wrong with them counts where no server runs. */
export const policySettings = (options: Options): Settings =>
  settingsOf(options, { suffices: ['data-dir'], tells: false })

/** Whether a setting has its value without the config. */
export const isGiven = (options: Options, name: SettingName): boolean =>
  Boolean(options[camelCase(name)] ?? process.env[environmentName(name)])

/** Goes on with some of the settings where these aren't wrong, or are given without the config. */
function readEnough(
  options: Options,
  file: string | null,
  suffices: readonly SettingName[],
  uses: readonly SettingName[],
): Settings {
  try {
    return readSettings(options, file)
  } catch (error) {
    const mistake = (error as Error).message
    const given = uses.filter((name) => isGiven(options, name))
    // What is wrong on the command line is its own mistake.
    readSettings(options, null, given)
    const areGiven = suffices.every((name) => isGiven(options, name))
    for (const from of areGiven ? [file, null] : [file]) {
      const isKnown = (name: SettingName): boolean =>
        from === null ? given.includes(name) : tryToRead(options, from, [name]) !== null
      const known = uses.filter(isKnown)
      const settings = tryToRead(options, from, [...suffices, ...known])
      if (settings !== null) return { ...settings, mistake, unread: uses.filter((it) => !known.includes(it)) }
    }
    throw error
  }
}

/** Some of the settings; null where they are wrong: what was wrong first is told. */
function tryToRead(options: Options, file: string | null, only: readonly SettingName[]): Settings | null {
  try {
    return readSettings(options, file, only)
  } catch {
    return null
  }
}

/** The config that a command goes by. */
export const configOf = (options: Options): FoundConfig =>
  findConfig(nameIn(options), process.env, FOUND_CONFIG_FILES)

/** The same for a server: only who starts it knows whether it is to be the service. */
export const configToServe = (options: Options): string | null =>
  findConfig(nameIn(options), process.env, [DEFAULT_CONFIG_FILE]).file

/**
 * The settings from a command's options, the environment and a config file.
 *
 * @param only the settings that are looked at; all of them when not given
 * @throws {AsnzoneError} `ASNZONE_CONFIG`
 */
export function readSettings(
  options: Options,
  configFile: string | null,
  only?: readonly SettingName[],
): Settings {
  const names = settingNames.flatMap((name) => {
    const { leafOptions = [] }: Setting = SETTINGS[name]
    return [name, ...leafOptions.map((leaf) => leaf.name)]
  })
  // Commander names an option as code does.
  const byName = Object.fromEntries(names.map((name) => [name, options[camelCase(name)]]))
  try {
    return loadSettings({ options: byName, environment: process.env, configFile, only })
  } catch (error) {
    const isForbidden =
      configFile === SERVICE_CONFIG_FILE &&
      ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'EACCES'
    if (!isForbidden) throw error
    const reason = 'this user may not read it: run it as asnzone or root'
    throw new AsnzoneError('ASNZONE_CONFIG', `${configFile}: ${reason}`, { cause: error })
  }
}

/** Options as commander gives them. */
type Options = Readonly<Record<string, unknown>>

const nameIn = ({ config }: Options): string | undefined => (typeof config === 'string' ? config : undefined)
