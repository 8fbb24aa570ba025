// Each setting has a place of its own in the object that code reads.

import { expect, test } from 'vitest'
import { arrange, type SettingValues, settingValue } from '../../src/config/setting-values.ts'
import { settingNames } from '../../src/config/settings.ts'

test('no setting takes the place of another one', () => {
  const values = Object.fromEntries(settingNames.map((name) => [name, name]))
  const settings = arrange(values as unknown as SettingValues)
  for (const name of settingNames) expect(settingValue(settings, name)).toBe(name)
})

test('settings are grouped, and named as code names things', () => {
  const values = Object.fromEntries(settingNames.map((name) => [name, name]))
  expect(arrange(values as unknown as SettingValues)).toMatchObject({
    listen: 'listen',
    dataDir: 'data-dir',
    rateLimit: { perSecond: 'rate-limit', all: 'rate-limit-all' },
    tcp: { perClient: 'tcp-per-client' },
  })
})
