// The settings of a server that differ from their defaults, as others may see them: never a secret.

import { plainText } from '../config/changes.ts'
import { type Settings, settingValue } from '../config/setting-values.ts'
import type { Setting } from '../config/settings/setting.ts'
import { SETTINGS, settingNames } from '../config/settings.ts'
import { isUrl } from '../data/sources/plan.ts'
import { nameOfUrl } from '../data/sources/source-url.ts'
import type { ShownSetting } from '../http/task.ts'

/** Those that differ from their defaults, in the order of the manual. */
export function shownSettings(settings: Settings): ShownSetting[] {
  return settingNames.flatMap((name) => {
    const { schema }: Setting = SETTINGS[name]
    const value = settingValue(settings, name)
    if (plainText(value) === plainText(schema.parse(undefined))) return []
    return [{ name, value: shownValue(SETTINGS[name], value), place: settings.places?.[name] ?? null }]
  })
}

function shownValue({ kind, isSecret = false }: Setting, value: unknown): string | null {
  if (isSecret || kind === 'structure') return null
  if (kind === 'switch') return value === true ? 'true' : 'false'
  // A place is an object of numbers or of an address.
  const texts: readonly unknown[] = Array.isArray(value)
    ? value
    : typeof value === 'object'
      ? Object.values(value ?? {})
      : [value]
  return texts.map((text) => (isUrl(String(text)) ? nameOfUrl(String(text)) : String(text))).join(', ')
}
