// The servers that are compared: what each needs, and how it is started on one port with the same data.

import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { COMPARED_ZONE } from './questions.js'

/** @typedef {{ directory: string, port: number, asnzone: string, rbldnsdData: string, zoneFile: string }} Place */

/**
 * @typedef {object} Peer
 * @property {string} id for --only
 * @property {string} name
 * @property {(asnzone: string) => string[]} version the command that tells the version, if it is installed at all
 * @property {'all' | 'compared' | 'nothing'} serves which zones; the echo answers nothing, but to all of them
 * @property {boolean} [wildcards] reads the zone file with wildcards, which takes minutes and gigabytes
 * @property {boolean} [snapshot] keeps something that makes the next start quicker
 * @property {string} [proof] what its log says when it runs as asked
 * @property {(place: Place) => { command: string[], configuration?: string }} prepare writes its files
 */

/** The C echo. */
export const ECHO_SOURCE = fileURLToPath(new URL('../echo.c', import.meta.url))

/** @type {readonly Peer[]} the first one is what the others are compared to */
export const PEERS = [
  asnzonePeer('asnzone', 'asnzone', 'mmsg'),
  {
    id: 'echo',
    name: 'C echo',
    version: () => ['gcc', '--version'],
    serves: 'nothing',
    prepare: ({ directory, port }) => {
      const program = join(directory, 'echo')
      const { status, stderr } = spawnSync('gcc', ['-O2', '-o', program, ECHO_SOURCE], { encoding: 'utf8' })
      if (status !== 0) throw new Error(`gcc: ${stderr}`)
      return { command: [program, '127.0.0.1', String(port)] }
    },
  },
  {
    id: 'rbldnsd',
    name: 'rbldnsd',
    version: () => ['rbldnsd', '-h'],
    serves: 'compared',
    // -n in the foreground, -a without authority section, -c 0 without looking for changed files.
    prepare: ({ port, rbldnsdData }) => ({
      command: [
        ...['rbldnsd', '-n', '-a', '-c', '0', '-b', `127.0.0.1/${port}`],
        `${COMPARED_ZONE}:ip4trie:${rbldnsdData}`,
      ],
    }),
  },
  {
    id: 'knot',
    name: 'Knot DNS',
    version: () => ['knotd', '-V'],
    serves: 'compared',
    wildcards: true,
    prepare: ({ directory, port, zoneFile }) => {
      const file = join(directory, 'knot.conf')
      const configuration = knotConfiguration(directory, port, zoneFile)
      writeFileSync(file, configuration)
      return { command: ['knotd', '-c', file], configuration }
    },
  },
  {
    id: 'nsd',
    name: 'NSD',
    version: () => ['nsd', '-v'],
    serves: 'compared',
    wildcards: true,
    prepare: ({ directory, port, zoneFile }) => {
      const file = join(directory, 'nsd.conf')
      const configuration = nsdConfiguration(directory, port, zoneFile)
      writeFileSync(file, configuration)
      return { command: ['nsd', '-d', '-c', file], configuration }
    },
  },
  asnzonePeer('dgram', 'asnzone, node:dgram', 'dgram'),
]

/**
 * The command that starts asnzone on a port of 127.0.0.1 with all its zones.
 *
 * @param {object} options
 * @param {string} options.asnzone its main.js
 * @param {number} options.port
 * @param {string} options.dataDirectory
 * @param {number} [options.workers]
 * @param {'mmsg' | 'dgram'} [options.udp]
 */
export function asnzoneCommand({ asnzone, port, dataDirectory, workers = 1, udp = 'mmsg' }) {
  const frontEnd = ['--listen', `127.0.0.1:${port}`, '--udp', udp, '--workers', String(workers)]
  return [
    process.execPath,
    asnzone,
    'serve',
    ...frontEnd,
    '--data-dir',
    dataDirectory,
    '--log-format',
    'json',
  ]
}

/**
 * What a program says about its version, or null when it isn't installed.
 *
 * @param {string[]} command
 * @returns {string | null}
 */
export function versionOf([program, ...args]) {
  const { error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (error !== undefined) return null
  const line = `${stdout}${stderr}`.split('\n').find((text) => /\d\.\d/.test(text))
  return line?.trim() ?? 'of unknown version'
}

/** @returns {Peer} */
function asnzonePeer(id, name, udp) {
  return {
    id,
    name,
    version: (asnzone) => [process.execPath, asnzone, '--version'],
    serves: 'all',
    snapshot: true,
    // Where recvmmsg can't be used, asnzone goes on with node:dgram.
    proof: `"udp":"${udp}"`,
    prepare: ({ directory, port, asnzone }) => {
      const dataDirectory = join(directory, 'data')
      mkdirSync(dataDirectory, { recursive: true })
      return { command: asnzoneCommand({ asnzone, port, dataDirectory, udp }) }
    },
  }
}

/** One UDP worker, no journal; the rest as it is shipped. */
function knotConfiguration(directory, port, zoneFile) {
  return `server:
    rundir: ${directory}
    listen: 127.0.0.1@${port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: warning
database:
    storage: ${directory}
template:
  - id: default
    zonefile-sync: -1
    journal-content: none
zone:
  - domain: ${COMPARED_ZONE}
    file: ${zoneFile}
`
}

/** One server process, no response rate limiting, no authority section, no files kept. */
function nsdConfiguration(directory, port, zoneFile) {
  return `server:
    ip-address: 127.0.0.1@${port}
    server-count: 1
    username: ""
    database: ""
    zonesdir: ${directory}
    pidfile: ${directory}/nsd.pid
    xfrdfile: ${directory}/xfrd.state
    xfrdir: ${directory}
    zonelistfile: ${directory}/zone.list
    minimal-responses: yes
    rrl-ratelimit: 0
    rrl-whitelist-ratelimit: 0
remote-control:
    control-enable: no
zone:
    name: ${COMPARED_ZONE}
    zonefile: ${zoneFile}
`
}
