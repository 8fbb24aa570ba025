// Judges a reply by three readers that know nothing of each other: the tests' own, dns-packet and dns2.
//
// dns-packet believes the counts of a header before it has seen a record, so the tests' own reader comes first.

import * as dnsPacket from 'dns-packet'
import dns2 from 'dns2'
import { Address6 } from 'ip-address'
import { expect } from 'vitest'
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
  expect(reply.qr, 'QR').toBe(true)
  expect(reply.id, 'ID').toBe((query[0] << 8) | query[1])
  expect(reply.opcode, 'opcode').toBe((query[2] >> 3) & 15)
  expect(reply.rd, 'RD').toBe((query[2] & 1) === 1)
  expect(reply.ra, 'RA').toBe(false)
  expect(reply.z, 'Z, AD and CD').toBe(0)
  if (reply.questions.length > 0) expect(reply.questions, 'question').toEqual(questionOf(query))
  compareWithDnsPacket(reply)
  compareWithDns2(reply)
  return reply
}

function compareWithDnsPacket(reply: Message): void {
  const decoded = dnsPacket.decode(reply.octets) as dnsPacket.DecodedPacket
  expect(decoded.id).toBe(reply.id)
  expect(decoded.flag_aa).toBe(reply.aa)
  expect(decoded.flag_tc).toBe(reply.tc)
  const sections = [
    [decoded.answers, reply.answers],
    [decoded.authorities, reply.authorities],
  ] as const
  for (const [theirs = [], ours] of sections) {
    expect(theirs).toHaveLength(ours.length)
    ours.forEach((record, i) => {
      const other = theirs[i] as PacketRecord
      expect(other.ttl).toBe(record.ttl)
      expect(other.type).toBe(typeName(record.type))
      if (record.type === TYPE.A) expect(other.data).toBe(record.rdata.join('.'))
      if (record.type === TYPE.AAAA) {
        const groups = record.rdata.toString('hex').match(/.{4}/g)
        expect(new Address6(other.data as string).canonicalForm()).toBe(groups?.join(':'))
      }
      if (record.type === TYPE.TXT) {
        expect((other.data as Buffer[]).map(String)).toEqual(textStrings(record.rdata))
      }
    })
  }
}

function compareWithDns2(reply: Message): void {
  const decoded = dns2.Packet.parse(reply.octets)
  expect(decoded.header.id).toBe(reply.id)
  // It loses its way in options that it doesn't know, and with it the upper bits of the RCODE.
  expect(decoded.header.rcode & 15).toBe(reply.rcode & 15)
  expect(decoded.answers.map(({ type }) => type)).toEqual(reply.answers.map(({ type }) => type))
  expect(decoded.authorities.map(({ type }) => type)).toEqual(reply.authorities.map(({ type }) => type))
  decoded.answers.forEach((record, i) => {
    const { type, rdata, owner } = reply.answers[i]
    if (/^[\x21-\x7e]*$/.test(owner)) expect(record.name.toLowerCase()).toBe(owner)
    if (type === TYPE.A) expect((record as { address?: string }).address).toBe(rdata.join('.'))
    if (type === TYPE.TXT) expect(record.data).toEqual(textStrings(rdata))
  })
}

function typeName(type: number): string {
  return Object.entries(TYPE).find(([, number]) => number === type)?.[0] ?? `UNKNOWN_${type}`
}
