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
import { writeIpv4Network, writeIpv6Network } from '../../table/address-text.ts'
import type { NotedQuery } from './ring.ts'

const NOTHING = '-'

const addressOctets = Buffer.alloc(64)

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
  const [word0, word1, word2, word3] = address
  const end =
    family === 4
      ? writeIpv4Network(addressOctets, 0, word0, 32)
      : writeIpv6Network(addressOctets, 0, word0, word1, word2, word3, 128)
  return addressOctets.toString('latin1', 0, end)
}
