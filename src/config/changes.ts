// What a config that is read while a server runs changes: some settings at once, the others with the next start.

import { arrange, type Settings, type SettingValues, settingValue } from './setting-values.ts'
import type { Setting } from './settings/setting.ts'
import { SETTINGS, type SettingName, settingNames } from './settings.ts'

/** Settings that differ from those of a running server. */
export interface Changes {
  /** Those that take effect at once. */
  readonly live: readonly SettingName[]
  /** Those that wait for the next start, or parts of them. */
  readonly restart: readonly string[]
  /** The settings that the server is to have: those that wait for the next start are as they were. */
  readonly settings: Settings
}

/** What becomes of settings that were read while a server runs with others. */
export function changesOf(running: Settings, read: Settings): Changes {
  const live: SettingName[] = []
  const restart: string[] = []
  const values = settingNames.map((name): [SettingName, unknown] => {
    const [old, wanted] = [settingValue(running, name), settingValue(read, name)]
    if (plainText(old) === plainText(wanted)) return [name, old]
    const { change, restartParts = {} }: Setting = SETTINGS[name]
    if (change === 'restart') {
      restart.push(name)
      return [name, old]
    }
    const waiting = Object.keys(restartParts).filter(
      (part) => plainText(partOf(old, part)) !== plainText(partOf(wanted, part)),
    )
    restart.push(...waiting.map((part) => `${name}.${restartParts[part]}`))
    const kept = Object.fromEntries(waiting.map((part) => [part, partOf(old, part)]))
    const value = waiting.length === 0 ? wanted : { ...(wanted as object), ...kept }
    if (plainText(old) !== plainText(value)) live.push(name)
    return [name, value]
  })
  const settings = { ...arrange(Object.fromEntries(values) as SettingValues), places: read.places }
  return { live, restart, settings }
}

function partOf(value: unknown, part: string): unknown {
  return (value as Readonly<Record<string, unknown>>)[part]
}

/** A value as text: settings that another process has handed over are the same without being of the same make. */
export function plainText(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, part: unknown) =>
    part instanceof Set || part instanceof Map ? [...part] : part,
  )
}
