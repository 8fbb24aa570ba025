// What is served, as plain data that can be handed to a thread: the table and the zones to answer from it with.

import { Responder } from '../dns/responder.ts'
import type { Policy } from '../dns/treatment.ts'
import { RecordCounter, type RecordCounts } from '../stats/record-counts.ts'
import { Table } from '../table/table.ts'
import type { ZoneDefinition } from '../zones/definition.ts'
import { compileZoneSet, type ZoneSet, type ZoneSetOptions } from '../zones/zone-set.ts'
import { type CounterHandle, CounterSlice } from './counters.ts'
import { type RingHandle, RingInput } from './query-log/ring.ts'

/** A table, its zones and how clients are treated; immutable, replaced whole by a reload. */
export interface Service {
  readonly table: SharedArrayBuffer
  readonly definitions: readonly ZoneDefinition[]
  readonly zoneSetOptions: ZoneSetOptions
  readonly treatment: Policy
  /** Where queries are counted by record, when they are. */
  readonly recordCounts?: RecordCounts | undefined
}

/**
 * A responder for one thread, which notes its queries in a ring where there is one.
 *
 * @param zoneSet the zones of the service, where the thread has compiled them already
 */
export function responderFor(
  service: Service,
  counters: CounterHandle,
  ring: RingHandle | null = null,
  zoneSet: ZoneSet = zoneSetOf(service),
): Responder {
  const noter = ring === null ? null : new RingInput(ring)
  const counter = new CounterSlice(counters)
  const records = recordsOf(service, counters)
  return new Responder(new Table(service.table), zoneSet, counter, service.treatment, noter, records)
}

/**
 * Lets the responder of a thread answer from another service, from the next query on.
 *
 * @param zoneSet the zones of the service, where the thread has compiled them already
 */
export function replaceService(
  responder: Responder,
  service: Service,
  counters: CounterHandle,
  zoneSet: ZoneSet = zoneSetOf(service),
): void {
  const table = new Table(service.table)
  responder.replace(table, zoneSet, service.treatment, recordsOf(service, counters))
}

function recordsOf({ recordCounts }: Service, { slice }: CounterHandle): RecordCounter | null {
  return recordCounts === undefined ? null : new RecordCounter(recordCounts, slice)
}

function zoneSetOf(service: Service): ZoneSet {
  return compileZoneSet(service.definitions, service.zoneSetOptions)
}
