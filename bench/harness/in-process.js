// asnzone without sockets: the table, the zones and the responder that each of its workers has.

import { zoneSetOptions } from '../../dist/app/zone-set.js'
import { loadSettings } from '../../dist/config/load.js'
import { readZoneDefinitions } from '../../dist/config/zone-files.js'
import { loadTable } from '../../dist/data/compile/load.js'
import { embeddedSources } from '../../dist/data/sources/sources.js'
import { REPLY_CAPACITY } from '../../dist/dns/reply-capacity.js'
import { TRANSPORT } from '../../dist/dns/responder.js'
import { OPEN_POLICY } from '../../dist/dns/treatment.js'
import { Counters } from '../../dist/server/counters.js'
import { responderFor } from '../../dist/server/service.js'

/** Reads the bundled data and the presets. */
export async function loadAsnzone() {
  const settings = loadSettings({})
  const table = await loadTable(embeddedSources())
  const definitions = readZoneDefinitions(settings.zones, settings.disable)
  const service = {
    table: table.buffer,
    definitions,
    zoneSetOptions: zoneSetOptions(settings, table.metadata()),
    treatment: OPEN_POLICY,
  }
  const { buffer, zones } = new Counters(definitions.length)
  return { table, responder: responderFor(service, { buffer, zones, slice: 0 }) }
}

/**
 * The reply to a query over UDP, as a new buffer.
 *
 * @param {import('../../dist/dns/responder.js').Responder} responder
 * @param {Uint8Array} query
 * @returns {Buffer}
 */
export function replyTo(responder, query) {
  const packet = Buffer.alloc(REPLY_CAPACITY)
  packet.set(query)
  return packet.subarray(0, responder.respond(packet, 0, query.length, TRANSPORT.udp))
}
