// The two services of a soak: alike in their zones, different in every name and serial, so that a reply tells
// which of them gave it.

import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { rebuild } from '../../dist/app/new-data.js'
import { prepare } from '../../dist/app/prepare.js'
import { answeringOf } from '../../dist/app/setup.js'
import { zoneSetOptions } from '../../dist/app/zone-set.js'
import { loadSettings } from '../../dist/config/load.js'
import { Counters } from '../../dist/server/counters.js'
import { responderFor } from '../../dist/server/service.js'
import { HEADER, HEADER_WORDS } from '../../dist/table/layout.js'
import { replyTo } from './in-process.js'

const LETTER = 'o'.charCodeAt(0)
const OTHER_LETTER = '0'.charCodeAt(0)

/** @typedef {import('../../dist/server/service.js').Service} Service */
/** @typedef {{ octets: Uint8Array, ends: Uint32Array }} Packed messages one behind the other, and where they end */

/**
 * Reads the bundled data; gives services that each have a table of their own, as after a reload.
 *
 * @param {string} dataDirectory where the snapshot lies, or is put
 */
export async function soakServices(dataDirectory) {
  // Cookies would make replies differ that are the same.
  const settings = loadSettings({
    options: { 'cookie-secret': ['none'], feed: 'embedded', 'data-dir': dataDirectory },
  })
  const setup = answeringOf(settings)
  const { definitions, treatment } = setup
  const { table, finished } = await prepare(setup)
  await finished
  const metadata = table.metadata()
  const tables = [table.buffer, withOtherLetter(table.buffer)]
  const later = { ...metadata, date: new Date(Date.parse(metadata.date) + 3600_000).toISOString() }
  return {
    definitions,
    /** Does what a reload does before it swaps: compiles the files in the background, compares, and keeps the snapshot. */
    compile: async () => {
      const folder = mkdtempSync(join(dataDirectory, 'compiled-'))
      await rebuild({ ...settings, dataDir: folder }, table, false)
      rmSync(folder, { recursive: true })
    },
    /**
     * @param {boolean} isSecond which of the two
     * @returns {Service}
     */
    serviceOf: (isSecond) => ({
      table: copyOf(tables[Number(isSecond)]),
      definitions,
      zoneSetOptions: zoneSetOptions(settings, isSecond ? later : metadata),
      treatment,
    }),
  }
}

/**
 * The replies to queries by the first and by the second service.
 *
 * @param {string} dataDirectory where the snapshot lies, or is put
 * @param {Uint8Array[]} queries
 */
export async function expectedReplies(dataDirectory, queries) {
  const { serviceOf } = await soakServices(dataDirectory)
  return [false, true].map((isSecond) => repliesOf(serviceOf(isSecond), queries))
}

/**
 * The replies of a service to queries, over UDP.
 *
 * @param {Service} service
 * @param {Uint8Array[]} queries
 */
export function repliesOf(service, queries) {
  const counters = new Counters(service.definitions.length)
  const responder = responderFor(service, counters.handle(0))
  return queries.map((query) => replyTo(responder, query))
}

/**
 * Messages as plain data for a thread.
 *
 * @param {Uint8Array[]} messages
 * @returns {Packed}
 */
export function pack(messages) {
  let end = 0
  const ends = Uint32Array.from(messages, ({ length }) => {
    end += length
    return end
  })
  return { octets: new Uint8Array(Buffer.concat(messages)), ends }
}

/** A table in memory of its own, as that of a reload is. */
function copyOf(buffer) {
  const copy = new SharedArrayBuffer(buffer.byteLength)
  new Uint8Array(copy).set(new Uint8Array(buffer))
  return copy
}

/** A table with another letter in its strings. */
function withOtherLetter(buffer) {
  const copy = copyOf(buffer)
  const header = new Uint32Array(copy, 0, HEADER_WORDS)
  const strings = new Uint8Array(copy, header[HEADER.strings], header[HEADER.stringsLength])
  for (let i = 0; i < strings.length; i++) if (strings[i] === LETTER) strings[i] = OTHER_LETTER
  return copy
}
