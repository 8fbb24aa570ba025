// What the stores of the policy service take for accounts: octets in the file of SQLite, octets of memory in Redis.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What the store of a server takes now.
 *
 * @param {string} directory the server's own
 * @returns {number | null} octets; null when what tells it is not installed
 */
export function storedOctets(directory) {
  const socket = join(directory, 'redis.sock')
  if (existsSync(socket)) {
    return figure(/^used_memory:(\d+)/m, 'redis-cli', ['-s', socket, 'INFO', 'memory'])
  }
  const pages = 'SELECT page_count * page_size FROM pragma_page_count, pragma_page_size'
  return figure(/^(\d+)$/m, 'sqlite3', ['-readonly', join(directory, 'data', 'policy.sqlite'), pages])
}

/**
 * @param {RegExp} pattern
 * @param {string} program
 * @param {string[]} args
 */
function figure(pattern, program, args) {
  const { error, stdout } = spawnSync(program, args, { encoding: 'utf8' })
  const found = error === undefined ? pattern.exec(stdout) : null
  return found === null ? null : Number(found[1])
}
