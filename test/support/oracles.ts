// Judges a reply by three readers that know nothing of each other: the tests' own, dns-packet and dns2.
//
// dns-packet believes the counts of a header before it has seen a record, so the tests' own reader comes first.

import * as dnsPacket from 'dns-packet'
import dns2 from 'dns2'
import { Address6 } from 'ip-address'
import { expectSame } from './expect-same.ts'
import { type Message, questionOf, readMessage, TYPE, textStrings } from './message.ts'

/** What dns-packet gives for a record, as far as it is compared. */
interface PacketRecord {
  readonly type: string
  readonly ttl?: number
  readonly data?: unknown
}

/** Reads a reply, and fails where the readers differ or it is not the reply to the query. */
export function checkReply(query: Uint8Array, octets: Buffer): Message {
  const reply = readMessage(octets)
  expectSame(reply.qr, true, 'QR')
  expectSame(reply.id, (query[0] << 8) | query[1], 'ID')
  expectSame(reply.opcode, (query[2] >> 3) & 15, 'opcode')
  expectSame(reply.rd, (query[2] & 1) === 1, 'RD')
  expectSame(reply.ra, false, 'RA')
  expectSame(reply.z, 0, 'Z, AD and CD')
  if (reply.questions.length > 0) expectSame(reply.questions, questionOf(query), 'question')
  compareWithDnsPacket(reply)
  compareWithDns2(reply)
  return reply
}

function compareWithDnsPacket(reply: Message): void {
  const decoded = dnsPacket.decode(reply.octets) as dnsPacket.DecodedPacket
  expectSame(decoded.id, reply.id)
  expectSame(decoded.flag_aa, reply.aa)
  expectSame(decoded.flag_tc, reply.tc)
  const sections = [
    [decoded.answers, reply.answers],
    [decoded.authorities, reply.authorities],
  ] as const
  for (const [theirs = [], ours] of sections) {
    expectSame(theirs.length, ours.length)
    ours.forEach((record, i) => {
      const other = theirs[i] as PacketRecord
      expectSame(other.ttl, record.ttl)
      expectSame(other.type, typeName(record.type))
      if (record.type === TYPE.A) expectSame(other.data, record.rdata.join('.'))
      if (record.type === TYPE.AAAA) {
        const groups = record.rdata.toString('hex').match(/.{4}/g)
        expectSame(new Address6(other.data as string).canonicalForm(), groups?.join(':'))
      }
      if (record.type === TYPE.TXT) {
        expectSame((other.data as Buffer[]).map(String), textStrings(record.rdata))
      }
    })
  }
}

function compareWithDns2(reply: Message): void {
  const decoded = dns2.Packet.parse(reply.octets)
  expectSame(decoded.header.id, reply.id)
  // It loses its way in options that it doesn't know, and with it the upper bits of the RCODE.
  expectSame(decoded.header.rcode & 15, reply.rcode & 15)
  expectSame(
    decoded.answers.map(({ type }) => type),
    reply.answers.map(({ type }) => type),
  )
  expectSame(
    decoded.authorities.map(({ type }) => type),
    reply.authorities.map(({ type }) => type),
  )
  decoded.answers.forEach((record, i) => {
    const { type, rdata, owner } = reply.answers[i]
    if (/^[\x21-\x7e]*$/.test(owner)) expectSame(record.name.toLowerCase(), owner)
    if (type === TYPE.A) expectSame((record as { address?: string }).address, rdata.join('.'))
    if (type === TYPE.TXT) expectSame(record.data, textStrings(rdata))
  })
}

const TYPE_NAMES = new Map<number, string>(Object.entries(TYPE).map(([name, number]) => [number, name]))

const typeName = (type: number): string => TYPE_NAMES.get(type) ?? `UNKNOWN_${type}`
