// What the packages say of the project: its version and its time.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder of the project, with a slash at the end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** What package.json says. */
export const MANIFEST = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'))

/** What git prints, without the end of the line; undefined where this is no clone. */
function git(...args) {
  try {
    return execFileSync('git', args, {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return undefined
  }
}

/**
 * The time that every file of a package bears, in seconds: SOURCE_DATE_EPOCH, else that of the commit, so that the same
 * commit makes the same package.
 */
export function sourceTime() {
  const seconds = process.env.SOURCE_DATE_EPOCH ?? git('log', '-1', '--format=%ct')
  return seconds === undefined ? Math.floor(Date.now() / 1000) : Number(seconds)
}

/**
 * The version: that of package.json where the commit bears its tag or this is no clone. In between it is followed by the
 * time and the commit, so that apt takes what was built later for newer: 0.2.0~git20261127193000.5bac95c before 0.2.0
 * is tagged, 0.2.0+git… after it.
 */
export function packageVersion() {
  const { version } = MANIFEST
  const commit = git('rev-parse', '--short=7', 'HEAD')
  const tag = `v${version}`
  if (commit === undefined || git('tag', '--points-at', 'HEAD')?.split('\n').includes(tag)) return version
  const time = new Date(sourceTime() * 1000).toISOString().replace(/\D/g, '').slice(0, 14)
  return `${version}${git('tag', '--list', tag) === tag ? '+' : '~'}git${time}.${commit}`
}
