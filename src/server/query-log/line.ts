// One query as a line of the query log:
//
//     time                     client    transport name                        type class RCODE   outcome octets
//     2026-11-22T01:02:03.456Z 192.0.2.7 udp       8.8.8.8.geo.asnzone.internal TXT  IN    NOERROR answer  75
//
// Always nine fields with a blank between them, `-` for what there is not. No name can make a line look different:
// see `nameText`.

import { className, nameText, rcodeName, typeName } from '../../dns/names.ts'
import { outcomeNames } from '../../dns/outcome.ts'
import { TRANSPORT } from '../../dns/responder.ts'
import { networkText } from '../../table/address-text.ts'
import type { NotedQuery } from './ring.ts'

const NOTHING = '-'

/** The line, with its end. */
export function queryLine({
  time,
  transport,
  question,
  rcode,
  outcome,
  length,
  ...client
}: NotedQuery): string {
  const asked =
    question === null
      ? [NOTHING, NOTHING, NOTHING]
      : [nameText(question.octets, question.name), typeName(question.type), className(question.class)]
  const fields = [
    new Date(time).toISOString(),
    addressText(client),
    transport === TRANSPORT.tcp ? 'tcp' : 'udp',
    ...asked,
    length === 0 ? NOTHING : rcodeName(rcode),
    outcomeNames[outcome],
    length,
  ]
  return `${fields.join(' ')}\n`
}

function addressText({ family, address }: Pick<NotedQuery, 'family' | 'address'>): string {
  return networkText(family === 4 ? address.slice(0, 1) : address)
}
