// Which group lets a process read a file.

import { chmodSync, mkdirSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { groupAdvice } from '../../src/system/who-may-read.ts'
import { temporaryFolder } from '../support/folders.ts'

describe('groupAdvice', () => {
  it('tells nothing of a file that can be read, or is not there', () => {
    const folder = temporaryFolder({ log: '' })
    expect(groupAdvice(join(folder, 'log'))).toBeNull()
    expect(groupAdvice(join(folder, 'none'))).toBeNull()
  })

  it.skipIf(process.geteuid?.() === 0)(
    'names the group of the file, or of the folder (skipped as root)',
    () => {
      const folder = temporaryFolder({ log: '' })
      const { gid } = statSync(folder)
      const groups = join(
        temporaryFolder({ group: `root:x:0:\nlogs:x:${gid}:\nother:x:${gid}0:\n` }),
        'group',
      )
      const expected = `the group logs may: usermod --append --groups logs ${userInfo().username}, or SupplementaryGroups=logs in a unit`
      chmodSync(join(folder, 'log'), 0o040)
      expect(groupAdvice(join(folder, 'log'), groups)).toBe(expected)
      chmodSync(join(folder, 'log'), 0o000)
      expect(groupAdvice(join(folder, 'log'), groups)).toBeNull()
      mkdirSync(join(folder, 'deep'), { mode: 0o700 })
      chmodSync(join(folder, 'deep'), 0o010)
      expect(groupAdvice(join(folder, 'deep/log'), groups)).toBe(expected)
      chmodSync(join(folder, 'deep'), 0o700)
    },
  )
})
