// Which group lets a process read a file.

import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs'
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

  it('names the group of the file, or of the folder', () => {
    const folder = temporaryFolder({ log: '' })
    const { gid } = statSync(folder)
    const groups = join(
      temporaryFolder({ group: `root:x:0:\nlogs:x:${gid || 4}:\nother:x:${gid || 4}0:\n` }),
      'group',
    )
    if (gid === 0) chownSync(join(folder, 'log'), 0, 4)
    // Root may do all: what the owner may is what counts here.
    const advice = (file: string): string | null =>
      groupAdvice(join(folder, file), groups, (path, what) => ((statSync(path).mode >> 6) & what) === what)
    const expected = `the group logs may: usermod --append --groups logs ${userInfo().username}, or SupplementaryGroups=logs in a unit`
    chmodSync(join(folder, 'log'), 0o040)
    expect(advice('log')).toBe(expected)
    chmodSync(join(folder, 'log'), 0o000)
    expect(advice('log')).toBeNull()
    mkdirSync(join(folder, 'deep'), { mode: 0o700 })
    if (gid === 0) chownSync(join(folder, 'deep'), 0, 4)
    chmodSync(join(folder, 'deep'), 0o010)
    expect(advice('deep/log')).toBe(expected)
    chmodSync(join(folder, 'deep'), 0o700)
  })
})
