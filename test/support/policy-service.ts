// The policy service over real sockets: the built thread, on the bundled data, with a clock of the test's.

import { join } from 'node:path'
import { type Logger, pino } from 'pino'
import { conductOf, countryPoints, ldapPlace, mainCalls, storePlace } from '../../src/app/policy.ts'
import { bindPolicySockets } from '../../src/app/policy-sockets.ts'
import { doorsFrom, type StreamSocket } from '../../src/app/stream-sockets.ts'
import { loadSettings } from '../../src/config/load.ts'
import type { Settings } from '../../src/config/setting-values.ts'
import { readSnapshot, SNAPSHOT_FILE } from '../../src/data/snapshot/snapshot.ts'
import type { PolicyService } from '../../src/policy-server/policy-service.ts'
import type { PolicyThreadCalls } from '../../src/policy-server/task.ts'
import type { Calls } from '../../src/system/calls.ts'
import { loadLibc } from '../../src/system/libc.ts'
import type { Table } from '../../src/table/table.ts'
import { Arrivals } from './arrivals.ts'
import { temporaryFolder } from './folders.ts'
import { type Attributes, PolicyClient } from './policy-client.ts'

// Threads are started from dist/.
const built = (await import(new URL('../../dist/policy-server/policy-service.js', import.meta.url).href)) as {
  PolicyService: typeof PolicyService
}

/** The settings of the acceptance cases. */
const ACCEPTANCE = 'limits: { countries: 2, ips: 3 }'

/** What a service answers that refuses. */
export const REJECT = 'REJECT Policy violation. Please contact your support'

const MINUTE = 60_000

let compiled: Table | null = null

/** The table of the bundled data: see compile-once.ts. */
function bundledTable(): Table {
  compiled ??= readSnapshot(join(process.env.TEST_DATA_DIRECTORY ?? '', SNAPSHOT_FILE))
  if (compiled === null) throw new Error('compile-once.ts has left no snapshot')
  return compiled
}

/** A line of the log. */
export type PolicyLine = Readonly<Record<string, unknown>> & { readonly level: number; readonly msg: string }

/** How a service of a test is. */
export interface TestOptions {
  /** Where it keeps what it remembers: another one's, for a restart. */
  readonly directory?: string
  /** Files that the settings name, by their names in the folder that they lie in. */
  readonly files?: Readonly<Record<string, string>>
  readonly connections?: number
}

/** A running service. */
export class TestPolicy {
  readonly service: PolicyService
  readonly directory: string
  readonly log: PolicyLine[]
  readonly deaths: string[]
  readonly folder: string
  readonly settings: Settings
  readonly #sockets: StreamSocket[]
  readonly #clock: BigInt64Array
  readonly #logger: Logger
  /** Told of each line of the log. */
  readonly #arrivals: Arrivals
  readonly #clients: PolicyClient[] = []

  private constructor(parts: {
    service: PolicyService
    directory: string
    log: PolicyLine[]
    deaths: string[]
    folder: string
    settings: Settings
    sockets: StreamSocket[]
    clock: BigInt64Array
    logger: Logger
    arrivals: Arrivals
  }) {
    this.service = parts.service
    this.directory = parts.directory
    this.log = parts.log
    this.deaths = parts.deaths
    this.folder = parts.folder
    this.settings = parts.settings
    this.#sockets = parts.sockets
    this.#clock = parts.clock
    this.#logger = parts.logger
    this.#arrivals = parts.arrivals
  }

  /**
   * Starts one.
   *
   * @param policy lines of the setting, in place of or besides those of the acceptance cases; `{folder}` is where the
   *   files are
   */
  static async start(policy: readonly string[] = [], options: TestOptions = {}): Promise<TestPolicy> {
    const folder = temporaryFolder(options.files)
    const directory = options.directory ?? temporaryFolder()
    const given = policy.some((line) => line.startsWith('limits:')) ? policy : [ACCEPTANCE, ...policy]
    const listen = policy.some((line) => line.startsWith('listen:')) ? [] : ['listen: 127.0.0.1:0']
    const settings = settingsOf(folder, directory, [...listen, ...given])
    const log: PolicyLine[] = []
    const arrivals = new Arrivals()
    const logger = pino(
      { level: 'debug', base: null, timestamp: false },
      {
        write: (line: string) => {
          log.push(JSON.parse(line) as PolicyLine)
          arrivals.look()
        },
      },
    )
    const deaths: string[] = []
    const memory = new SharedArrayBuffer(8)
    const sockets = await bindPolicySockets(settings.policy)
    const service = await built.PolicyService.start({
      task: {
        store: storePlace(settings),
        ldap: ldapPlace(settings),
        connections: options.connections ?? 1000,
        points: await countryPoints(settings.policy),
        clock: memory,
      },
      doors: await doorsFrom(sockets),
      table: bundledTable().buffer,
      conduct: conductOf(settings, (warning) => logger.warn(warning)),
      calls: mainCalls(() => settings, logger),
      onDeath: ({ message }) => deaths.push(message),
      onStuck: () => deaths.push('stuck'),
    })
    const clock = new BigInt64Array(memory)
    return new TestPolicy({
      service,
      directory,
      log,
      deaths,
      folder,
      settings,
      sockets,
      clock,
      logger,
      arrivals,
    })
  }

  /** What others may ask of it. */
  get ask(): Calls<PolicyThreadCalls> {
    return this.service.ask
  }

  /** Moves the clock. */
  pass(minutes: number): void {
    Atomics.add(this.#clock, 0, BigInt(Math.round(minutes * MINUTE)))
  }

  /** Goes by other settings, as a reload does. */
  async reload(policy: readonly string[]): Promise<void> {
    const settings = settingsOf(this.folder, this.directory, [ACCEPTANCE, ...policy])
    await this.service.conductAs(conductOf(settings, (warning) => this.#logger.warn(warning)))
  }

  /** A connection of its own. */
  async connect(): Promise<PolicyClient> {
    const [socket] = this.#sockets
    if (socket === undefined) throw new Error('it listens nowhere')
    const path = /^unix:(.*)$/.exec(socket.name)?.[1]
    const [, host = '', port = ''] = /^\[?([^\]]*)\]?:(\d+)$/.exec(socket.name) ?? []
    const client = await PolicyClient.connect(path === undefined ? { host, port: Number(port) } : { path })
    this.#clients.push(client)
    return client
  }

  /** Asks once, on a connection of its own. */
  async answer(user: string, address: string, attributes: Attributes = {}): Promise<string> {
    const client = await this.connect()
    const action = await client.ask({ sasl_username: user, client_address: address, ...attributes })
    client.destroy()
    return action
  }

  /** The answers to some addresses of one account, one after the other. */
  async answers(user: string, addresses: readonly string[]): Promise<string[]> {
    const client = await this.connect()
    const answers: string[] = []
    for (const address of addresses) {
      answers.push(await client.ask({ sasl_username: user, client_address: address }))
    }
    client.destroy()
    return answers
  }

  /** The lines that tell of decisions, once all that was decided is told. */
  decisions(count: number): Promise<PolicyLine[]> {
    return this.#arrivals.until(() => {
      const lines = this.log.filter(({ msg }) => msg === 'policy')
      return lines.length < count ? undefined : lines
    })
  }

  /** A line of the log that has a text in it, when it comes. */
  said(part: string): Promise<PolicyLine> {
    return this.#arrivals.until(() => this.log.find(({ msg }) => msg.includes(part)))
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.destroy()
    await this.service.stop()
    // Who connects now would wait for ever.
    const libc = await loadLibc()
    for (const socket of this.#sockets.splice(0)) if (socket.kind === 'bound') libc.close(socket.fd)
  }
}

function settingsOf(folder: string, directory: string, policy: readonly string[]): Settings {
  const lines = policy.map((line) => `  ${line.replaceAll('{folder}', folder)}\n`).join('')
  const file = join(
    temporaryFolder({ 'asnzone.yaml': `data-dir: ${directory}\nlog-level: debug\npolicy:\n${lines}` }),
    'asnzone.yaml',
  )
  return loadSettings({ configFile: file })
}
