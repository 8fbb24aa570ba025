// The options that every command shares: one for each setting, made from the table of settings.

import { existsSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { DEFAULT_CONFIG_FILE } from '../config/found-config.ts'
import { loadSettings } from '../config/load.ts'
import { camelCase, type Settings } from '../config/setting-values.ts'
import type { LeafOption, Setting } from '../config/settings/setting.ts'
import { defaultText, environmentName, SETTINGS, type SettingName, settingNames } from '../config/settings.ts'

/** Adds `--config` and an option for each of the named settings, or for all of them. */
export function addSettingOptions(command: Command, names: readonly SettingName[] = settingNames): Command {
  command.option('-c, --config <FILE>', 'the config file (default: asnzone.yaml, if there is one)')
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

/** The settings from a command's options, the environment and the config file. */
export function settingsOf(options: Readonly<Record<string, unknown>>): Settings {
  const names = settingNames.flatMap((name) => {
    const { leafOptions = [] }: Setting = SETTINGS[name]
    return [name, ...leafOptions.map((leaf) => leaf.name)]
  })
  // Commander names an option as code does.
  const byName = Object.fromEntries(names.map((name) => [name, options[camelCase(name)]]))
  const configFile = configFileOf(options) ?? undefined
  return loadSettings({ options: byName, environment: process.env, configFile })
}

/** The config file that is read; null when there is none. */
export function configFileOf(options: Readonly<Record<string, unknown>>): string | null {
  if (typeof options.config === 'string') return options.config
  return process.env.ASNZONE_CONFIG || (existsSync(DEFAULT_CONFIG_FILE) ? DEFAULT_CONFIG_FILE : null)
}
