// Lines that can't be written: counted, told once, never an error; and files that are moved away.

import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, readSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LineFile } from '../../src/system/line-file.ts'
import { temporaryFolder } from '../support/folders.ts'

function listener() {
  const told: string[] = []
  const events = {
    onFailure: (reason: string) => told.push(`failed: ${reason}`),
    onRecovery: (lost: number) => told.push(`recovered: ${lost}`),
  }
  return { told, events }
}

test('lines are appended', () => {
  const folder = temporaryFolder({ log: 'old\n' })
  const file = new LineFile(join(folder, 'log'), listener().events)
  file.write('a\n')
  file.write('b\nc\n', 2)
  file.close()
  expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('old\na\nb\nc\n')
})

test('a file that was moved away is made anew, and the old one has what came before', () => {
  const folder = temporaryFolder()
  const { told, events } = listener()
  const file = new LineFile(join(folder, 'log'), events)
  file.write('before\n')
  renameSync(join(folder, 'log'), join(folder, 'log.1'))
  file.write('between\n')
  file.reopen()
  file.write('after\n')
  file.close()
  expect(readFileSync(join(folder, 'log.1'), 'utf8')).toBe('before\nbetween\n')
  expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('after\n')
  expect(told).toEqual([])
})

test('where a file can’t be made anew, the old one is kept', () => {
  const folder = temporaryFolder()
  const inner = join(folder, 'inner')
  execFileSync('mkdir', [inner])
  const { told, events } = listener()
  const file = new LineFile(join(inner, 'log'), events)
  const kept = openSync(join(inner, 'log'), 'r')
  rmSync(inner, { recursive: true })
  file.reopen()
  file.write('still here\n')
  const octets = Buffer.alloc(64)
  expect(octets.toString('utf8', 0, readSync(kept, octets))).toBe('still here\n')
  closeSync(kept)
  file.close()
  expect(told).toEqual([
    expect.stringMatching(/^failed: it can't be reopened: there is no such file or directory$/),
  ])
})

test('a full disk is told once, and every line counts', () => {
  const { told, events } = listener()
  const file = new LineFile('/dev/full', events)
  file.write('a\n')
  file.write('b\nc\n', 2)
  expect(file.lost).toBe(3)
  expect(told).toEqual([expect.stringMatching(/^failed: ENOSPC/)])
  file.close()
})

test('a FIFO without a reader is an error at once', () => {
  const path = join(temporaryFolder(), 'fifo')
  execFileSync('mkfifo', [path])
  expect(() => new LineFile(path, listener().events)).toThrow('ENXIO')
})

test('a reader who stands still costs lines; a line that was cut off is not joined with the next one', () => {
  const path = join(temporaryFolder(), 'fifo')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, 'r+')
  const { told, events } = listener()
  const file = new LineFile(path, events)
  // More than the 64 KiB that a pipe holds.
  file.write(`${'x'.repeat(70_000)}\n`)
  expect(file.lost).toBe(1)
  const octets = Buffer.alloc(1 << 17)
  const cut = readSync(reader, octets)
  file.write('whole\n')
  file.close()
  const rest = octets.toString('utf8', 0, readSync(reader, octets))
  closeSync(reader)
  expect(cut).toBeGreaterThan(0)
  expect(rest).toMatch(/^x*\nwhole\n$/)
  expect(told).toEqual(['failed: the reader is too slow', 'recovered: 1'])
})
