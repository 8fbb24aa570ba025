// The options that every command shares: one for each setting, made from the table of settings.

import { existsSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { DEFAULT_CONFIG_FILE, loadSettings } from '../config/load.ts'
import { camelCase, type Settings } from '../config/setting-values.ts'
import {
  defaultText,
  environmentName,
  SETTINGS,
  type Setting,
  type SettingName,
  settingNames,
} from '../config/settings.ts'

/** Adds `--config` and an option for each of the named settings, or for all of them. */
export function addSettingOptions(command: Command, names: readonly SettingName[] = settingNames): Command {
  command.option('-c, --config <FILE>', 'the config file (default: asnzone.yaml, if there is one)')
  for (const name of names) {
    const setting: Setting = SETTINGS[name]
    const { help, placeholder, kind } = setting
    if (kind === 'structure') continue
    const standard = defaultText(name)
    const shown = standard === '' ? '' : ` (default: ${standard})`
    const value = kind === 'switch' ? '' : ` <${placeholder}>`
    const option = new Option(`--${name}${value}`, `${help}${shown} [$${environmentName(name)}]`)
    if (kind === 'list') {
      option.argParser((value: string, previous: string[] | undefined) => [
        ...(previous ?? []),
        ...value.split(',').map((item) => item.trim()),
      ])
    }
    command.addOption(option)
  }
  return command
}

/** The settings from a command's options, the environment and the config file. */
export function settingsOf(options: Readonly<Record<string, unknown>>): Settings {
  // Commander names an option as code does.
  const byName = Object.fromEntries(settingNames.map((name) => [name, options[camelCase(name)]]))
  const configFile = configFileOf(options) ?? undefined
  return loadSettings({ options: byName, environment: process.env, configFile })
}

/** The config file that is read; null when there is none. */
export function configFileOf(options: Readonly<Record<string, unknown>>): string | null {
  if (typeof options.config === 'string') return options.config
  return process.env.ASNZONE_CONFIG || (existsSync(DEFAULT_CONFIG_FILE) ? DEFAULT_CONFIG_FILE : null)
}
