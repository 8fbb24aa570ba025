// The settings as code has them: names in camelCase, in groups. Outside, in the config file, the environment and on the
// command line, each has the name that it has in the table.

import type { z } from 'zod'
import type { Places } from './places.ts'
import type { Setting } from './settings/setting.ts'
import { SETTINGS, type SettingName, settingNames } from './settings.ts'

/** `max-age` as `maxAge`. */
type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Rest}`
  ? `${Head}${Capitalize<CamelCase<Rest>>}`
  : Name

type PathOf<Name extends SettingName> = (typeof SETTINGS)[Name] extends {
  readonly path: infer Path extends string
}
  ? Path
  : CamelCase<Name>

type Group = {
  [Name in SettingName]: PathOf<Name> extends `${infer Head}.${string}` ? Head : never
}[SettingName]

/** The value of a setting. */
export type SettingValue<Name extends SettingName> = z.output<(typeof SETTINGS)[Name]['schema']>

/** All settings with their values, by their paths. */
export type Settings = {
  readonly [Name in SettingName as PathOf<Name> extends `${string}.${string}`
    ? never
    : PathOf<Name>]: SettingValue<Name>
} & {
  readonly [Of in Group]: {
    readonly [Name in SettingName as PathOf<Name> extends `${Of}.${infer Key}`
      ? Key
      : never]: SettingValue<Name>
  }
} & {
  /** Where they stand in the config file. */
  readonly places?: Places | undefined
  /** What is wrong with the others, where only some of them were needed. */
  readonly mistake?: string | undefined
  /** The settings that were looked at, and are wrong. */
  readonly unread?: readonly SettingName[] | undefined
}

/** The values of all settings by their names. */
export type SettingValues = { readonly [Name in SettingName]: SettingValue<Name> }

/** Where the value of a setting stands. */
function pathOf(name: SettingName): readonly string[] {
  const { path = camelCase(name) }: Setting = SETTINGS[name]
  return path.split('.')
}

/** A name of the config file as it is written in code: `log-level` is `logLevel`. */
export function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

/** The values, each at its path. */
export function arrange(values: SettingValues): Settings {
  const settings: Record<string, unknown> = {}
  for (const name of settingNames) {
    const [head, key] = pathOf(name)
    if (key === undefined) settings[head] = values[name]
    else settings[head] = { ...(settings[head] as object | undefined), [key]: values[name] }
  }
  return settings as unknown as Settings
}

/** The value of one setting. */
export function settingValue<Name extends SettingName>(settings: Settings, name: Name): SettingValue<Name> {
  return pathOf(name).reduce(
    (part: unknown, key) => (part as Record<string, unknown>)[key],
    settings,
  ) as SettingValue<Name>
}
