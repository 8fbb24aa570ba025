// asnzone serve: loads the data and answers until it is told to stop.

import type { Command } from 'commander'
import type { Logger } from 'pino'
import { policyOf } from '../config/policy.ts'
import type { Settings } from '../config/settings.ts'
import { readZoneDefinitions } from '../config/zone-files.ts'
import { createLogger } from '../log.ts'
import { inheritedSockets } from '../server/inherited-sockets.ts'
import { formatListenAddress, type ListenAddress, parseListenAddress } from '../server/listen-address.ts'
import { dropPrivileges } from '../server/privileges.ts'
import { Server } from '../server/server.ts'
import { VERSION } from '../version.ts'
import { keepAlive, type LiveData } from './live-data.ts'
import { addSettingOptions, settingsOf } from './options.ts'
import { prepare } from './prepare.ts'

/** Adds the command. */
export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .summary('load the data and answer DNS queries')
    .description('Loads the data and answers DNS queries over UDP and TCP until SIGTERM or SIGINT.')
    .addHelpText(
      'after',
      `
Examples:
  asnzone serve
  asnzone serve --listen 127.0.0.1:53 --listen '[::1]:53'
  asnzone serve --config /etc/asnzone/asnzone.yaml --log-format json`,
    )
  addSettingOptions(command).action(async (options: Record<string, unknown>) => {
    const settings = settingsOf(options)
    const log = await createLogger(settings)
    const started = performance.now()
    // Until there is something to reload, SIGHUP must not end the process.
    process.on('SIGHUP', () => {})
    const definitions = readZoneDefinitions(settings.zones, settings.disable)
    const server = await bindServer(settings, definitions.length, log)
    try {
      dropPrivileges(settings.user, settings.group)
      const { table, catalogue, service, finished } = await prepare(settings, definitions, log)
      await server.start(service)
      const live = await keepAlive({ settings, definitions, server, table, log })
      stopOnSignal(server, live, log)
      const addresses = server.addresses.map(formatListenAddress)
      log.info(
        {
          version: VERSION,
          node: process.version,
          listen: addresses,
          udp: server.udpKind,
          workers: server.udpKind === 'mmsg' ? settings.workers : 0,
          receiveBuffer: server.addresses[0].receiveBuffer,
          zones: catalogue.zones.length,
          ases: table.asCount,
          records: table.recordCount,
          data: table.metadata().date,
          tableBytes: table.buffer.byteLength,
          ms: Math.round(performance.now() - started),
        },
        `asnzone ${VERSION} answers on ${addresses.join(' and ')}`,
      )
      await finished
      server.releaseMemory()
    } catch (error) {
      await server.stop()
      throw error
    }
  })
}

async function bindServer(settings: Settings, zones: number, log: Logger): Promise<Server> {
  const listen = settings.listen.map((address) => parseListenAddress(address))
  const policy = policyOf(settings)
  const isLoopback = ({ host }: ListenAddress): boolean => host.startsWith('127.') || host === '::1'
  const isDefault = (texts: readonly string[]): boolean => texts.every((text) => /^(127\.|::1$)/.test(text))
  if (!listen.every(isLoopback) && isDefault(settings.allow)) {
    log.warn('listens beyond loopback but answers loopback only: name the networks to be answered with allow')
  }
  return Server.bind({
    listen,
    inherited: await inheritedSockets(process.env),
    policy,
    tcp: {
      connections: settings['tcp-connections'],
      perClient: settings['tcp-per-client'],
      idle: settings['tcp-idle'] * 1000,
    },
    udp: settings.udp,
    workers: settings.workers,
    zones,
    onMissingAddress: (address) =>
      log.warn(`${formatListenAddress(address)}: this host has no such address; not listening there`),
    onFallback: (reason) => log.warn(`UDP is received with node:dgram in one thread, because ${reason}`),
    onWorkerDeath: (worker, reason) =>
      log.error(`UDP worker ${worker} died and is started again: ${reason.message}`),
  })
}

/** Stops cleanly on the first SIGTERM or SIGINT; a second one ends the process at once, as it always does. */
function stopOnSignal(server: Server, live: LiveData, log: Logger): void {
  const stop = (signal: NodeJS.Signals): void => {
    log.info(`${signal}: stopping`)
    process.removeAllListeners('SIGTERM').removeAllListeners('SIGINT')
    void Promise.all([server.stop(), live.stop()]).then(() => {
      log.info('stopped')
      // A download or a compilation that is going on is nothing to wait for: it leaves the old data.
      process.exit()
    })
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}
