// What a running server offers over HTTP: pages, API and metrics, and the published files.

import { existsSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { catalogueOptions } from '../config/catalogue.ts'
import { readDuration } from '../config/duration.ts'
import type { Settings } from '../config/settings.ts'
import { AsnzoneError } from '../errors.ts'
import type { HttpListener } from '../http/listener.ts'
import type { Running as HttpParts } from '../http/running.ts'
import type { OpenStatistics } from '../http/statistics.ts'
import { formatListenAddress, isLoopback, parseListenAddress } from '../server/listen-address.ts'
import type { Reloader } from '../server/reload.ts'
import { STATS_FILE } from '../stats/stats-file.ts'
import { compileCatalogue } from '../zones/catalogue.ts'
import type { Running } from './live-data.ts'

/** Where http listens when its address has no port. */
const STANDARD_PORT = 8053

/**
 * Refuses to offer pages to others without a token, before anything is bound.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when the setting would.
 */
export function checkHttp({ http, 'http-token': token }: Settings): void {
  if (http === undefined || token !== undefined) return
  if (isLoopback(parseListenAddress(http, 'http', STANDARD_PORT))) return
  throw new AsnzoneError(
    'ASNZONE_CONFIG',
    `http: ${http} can be reached by others; set http-token, or listen on 127.0.0.1`,
  )
}

/** What is offered, until it is closed. */
export interface HttpServices {
  close(): Promise<void>
}

/**
 * Starts what the settings ask for.
 *
 * @throws {AsnzoneError} `ASNZONE_LISTEN` when an address can't be bound.
 */
export async function startHttp(
  running: Running,
  reloader: Reloader,
  started: string,
): Promise<HttpServices> {
  const closing: (() => unknown)[] = []
  const close = async (): Promise<void> => {
    await Promise.all(closing.map((end) => end()))
  }
  const serve = async (setting: 'http' | 'publish-csv', answer: RequestListener): Promise<string> => {
    const listener = await listen(setting, running.settings[setting] ?? '', answer)
    closing.push(() => listener.close())
    return `http://${formatListenAddress(listener.address)}/`
  }
  const { settings, log } = running
  // Loaded when it is needed: most servers offer nothing over HTTP, and start sooner without it.
  try {
    if (settings['publish-csv'] !== undefined) {
      const { csvFiles } = await import('../http/publish-csv.ts')
      const url = await serve(
        'publish-csv',
        csvFiles(() => reloader.table),
      )
      log.info(`publishes the data as CSV on ${url}`)
    }
    if (settings.http !== undefined) {
      const { createApp } = await import('../http/app.ts')
      const { getRequestListener } = await import('@hono/node-server')
      const app = createApp(await partsOf(running, reloader, started), settings['http-token'] ?? null)
      closing.push(() => app.stop())
      const url = await serve('http', getRequestListener(app.hono.fetch, { overrideGlobalObjects: false }))
      log.info(`pages, API and metrics on ${url}`)
    }
  } catch (error) {
    await close()
    throw error
  }
  return { close }
}

async function partsOf(
  { settings, definitions, server, recorder, log }: Running,
  reloader: Reloader,
  started: string,
): Promise<HttpParts> {
  return {
    server,
    reloader,
    recorder,
    definitions,
    catalogue: compileCatalogue(definitions, catalogueOptions(settings, reloader.table.metadata())),
    here: settings.here ?? null,
    openStatistics: await statisticsOf(settings),
    maxAge: readDuration(settings['max-age']),
    started,
    onError: (error: Error) => log.error(error, `an HTTP request failed: ${error.message}`),
  }
}

async function statisticsOf(settings: Settings): Promise<OpenStatistics | null> {
  if (!settings.stats) return null
  const { StatsReader } = await import('../stats/database.ts')
  const file = join(settings['data-dir'], STATS_FILE)
  return () => (existsSync(file) ? new StatsReader(file) : null)
}

async function listen(setting: string, text: string, answer: RequestListener): Promise<HttpListener> {
  const address = parseListenAddress(text, setting, STANDARD_PORT)
  const { HttpListener } = await import('../http/listener.ts')
  try {
    return await HttpListener.start(address, answer)
  } catch (cause) {
    throw new AsnzoneError('ASNZONE_LISTEN', `${setting} ${text}: ${(cause as Error).message}`, { cause })
  }
}
