// Every setting: its schema, its default and what it means. Config file, environment, options of the command
// line and their help are all made from this one table, in this order. Its rows are in settings/, by what they are about.

import { z } from 'zod'
import { DATA_SETTINGS } from './settings/data.ts'
import { DNS_SETTINGS } from './settings/dns.ts'
import { HTTP_SETTINGS } from './settings/http.ts'
import { POLICY_SETTINGS } from './settings/policy.ts'
import { PROCESS_SETTINGS } from './settings/process.ts'
import { SERVED_SETTINGS } from './settings/served.ts'
import type { Setting } from './settings/setting.ts'

/** The settings by their name in the config file. */
export const SETTINGS = {
  ...SERVED_SETTINGS,
  ...DATA_SETTINGS,
  ...HTTP_SETTINGS,
  ...DNS_SETTINGS,
  ...POLICY_SETTINGS,
  ...PROCESS_SETTINGS,
} as const

/** The name of a setting. */
export type SettingName = keyof typeof SETTINGS

/** The names of all settings, in the order of the table. */
export const settingNames = Object.keys(SETTINGS) as SettingName[]

/** The environment variable of a setting, or of a part of one that is named like an option. */
export const environmentName = (name: string): string => `ASNZONE_${name.toUpperCase().replaceAll('-', '_')}`

/** What a setting may be, where it is one of few words; nothing otherwise. */
export function choicesOf(name: SettingName): readonly string[] {
  const { schema }: Setting = SETTINGS[name]
  const inner = schema instanceof z.ZodDefault ? schema.unwrap() : schema
  return inner instanceof z.ZodEnum ? inner.options.map(String) : []
}

/** The default of a setting as an administrator reads it, '' where there is none. */
export function defaultText(name: SettingName): string {
  const { schema, standard }: Setting = SETTINGS[name]
  const value = schema.parse(undefined)
  return standard ?? (value === false ? '' : String(value ?? ''))
}
