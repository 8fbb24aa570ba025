// The policy servers that are compared: each counts in SQLite or in memory how often an account has sent, and lets it pass.

import { spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { asnzoneCommand } from './peers.js'

/** A limit that no account reaches, so that every server does all of its work for every request. */
const UNREACHED = 100_000_000

/**
 * @typedef {object} PolicyPeer
 * @property {string} id for --only
 * @property {string} name
 * @property {string[]} version the command that tells the version, if it is installed at all
 * @property {string} [user] the user of Debian's package, who must be able to write
 * @property {string} [owned] a file that the user must own: mtpolicyd would make it as root
 * @property {(place: { directory: string, port: number, dnsPort: number, asnzone: string }) => { command: string[], pidFile?: string }} prepare
 *   writes its files
 */

/** @type {readonly PolicyPeer[]} */
export const POLICY_PEERS = [
  {
    id: 'asnzone',
    name: 'asnzone, SQLite',
    version: [process.execPath, '--version'],
    prepare: ({ directory, port, dnsPort, asnzone }) => {
      const config = join(directory, 'asnzone.yaml')
      writeFileSync(
        config,
        `policy:
  listen: ["127.0.0.1:${port}"]
  limits: { countries: 60, ips: 60 }
`,
      )
      const dataDirectory = join(directory, 'data')
      return {
        command: [...asnzoneCommand({ asnzone, port: dnsPort, dataDirectory }), '--config', config],
      }
    },
  },
  {
    id: 'asnzone-redis',
    name: 'asnzone, Redis beside it',
    version: ['redis-server', '--version'],
    prepare: ({ directory, port, dnsPort, asnzone }) => {
      const config = join(directory, 'asnzone.yaml')
      const socket = join(directory, 'redis.sock')
      writeFileSync(
        config,
        `policy:
  listen: ["127.0.0.1:${port}"]
  store: "unix:${socket}"
  limits: { countries: 60, ips: 60 }
`,
      )
      const dataDirectory = join(directory, 'data')
      const command = [...asnzoneCommand({ asnzone, port: dnsPort, dataDirectory }), '--config', config]
      const redis = `redis-server --port 0 --unixsocket ${socket} --save '' --dir ${directory}`
      // Redis ends with the process that asnzone becomes, and may use any core, as on a host of its own.
      const shell = `setpriv --pdeathsig KILL taskset --all-tasks --cpu-list 0-1023 ${redis} >/dev/null & exec "$@"`
      return { command: ['sh', '-c', shell, 'sh', ...command] }
    },
  },
  {
    id: 'policyd-rate-limit',
    name: 'policyd-rate-limit, SQLite',
    version: ['dpkg-query', '--show', 'policyd-rate-limit'],
    user: 'policyd-rate-limit',
    prepare: ({ directory, port }) => {
      const config = join(directory, 'policyd-rate-limit.yaml')
      writeFileSync(
        config,
        `debug: False
user: policyd-rate-limit
group: policyd-rate-limit
pidfile: ${join(directory, 'pid')}
sqlite_config: { database: ${join(directory, 'db.sqlite3')} }
backend: 0
SOCKET: ["127.0.0.1", ${port}]
limits: [[${UNREACHED}, 3600]]
limits_by_id: {}
limit_by_sasl: True
limit_by_sender: False
limit_by_ip: False
limited_networks: []
success_action: dunno
fail_action: defer_if_permit
db_error_action: dunno
report: False
`,
      )
      return { command: ['policyd-rate-limit', '--file', config] }
    },
  },
  {
    id: 'mtpolicyd',
    name: 'mtpolicyd, SQLite',
    version: ['dpkg-query', '--show', 'mtpolicyd'],
    user: 'mtpolicyd',
    owned: 'mtpolicyd.sqlite',
    prepare: ({ directory, port }) => {
      const config = join(directory, 'mtpolicyd.conf')
      // Connections are kept, as Postfix keeps them; each takes a process, and more than 64 are ready.
      writeFileSync(
        config,
        `user=mtpolicyd
group=mtpolicyd
log_level=0
host=127.0.0.1
port="127.0.0.1:${port}"
min_servers=70
min_spare_servers=1
max_spare_servers=75
max_servers=80
max_requests=${UNREACHED}
keepalive_timeout=60
max_keepalive=${UNREACHED}
request_timeout=20
<Connection db>
  module = "Sql"
  dsn = "dbi:SQLite:dbname=${join(directory, 'mtpolicyd.sqlite')}"
</Connection>
<VirtualHost ${port}>
  name="bench"
  <Plugin quota>
    module = "Quota"
    field = "sasl_username"
    metric = "count"
    threshold = ${UNREACHED}
    action = "reject quota exceeded"
  </Plugin>
  <Plugin accounting>
    module = "Accounting"
    fields = "sasl_username"
  </Plugin>
</VirtualHost>
`,
      )
      return { command: ['mtpolicyd', '--config', config, '--foreground'] }
    },
  },
  {
    id: 'postfwd',
    name: 'postfwd, in memory',
    version: ['postfwd1', '--version'],
    user: 'nobody',
    prepare: ({ directory, port }) => {
      const pidFile = join(directory, 'postfwd.pid')
      const rule = `id=COUNT; sasl_username=~.; action=rate($$sasl_username/${UNREACHED}/3600/REJECT too many)`
      const where = ['--interface', '127.0.0.1', '--port', String(port), '--pidfile', pidFile]
      return {
        command: ['postfwd1', '--daemon', ...where, '--user', 'nobody', '--group', 'nogroup', '--rule', rule],
        pidFile,
      }
    },
  },
]

/**
 * Makes the folder of a peer, which its user may write.
 *
 * @param {PolicyPeer} peer
 * @param {string} directory
 */
export function folderOf(peer, directory) {
  const own = join(directory, peer.id)
  mkdirSync(own, { recursive: true })
  if (peer.owned !== undefined) writeFileSync(join(own, peer.owned), '')
  const { stdout, status } = spawnSync('id', ['-u', peer.user ?? ''], { encoding: 'utf8' })
  if (peer.user !== undefined && status === 0) {
    for (const path of [own, ...(peer.owned === undefined ? [] : [join(own, peer.owned)])]) {
      chownSync(path, Number(stdout), -1)
    }
  }
  return own
}
