// Looking ahead changes no answer: what was found early is what would have been found.

import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { Lookahead } from '../../src/dns/lookahead.ts'
import { Responder, TRANSPORT } from '../../src/dns/responder.ts'
import { OPEN_POLICY } from '../../src/dns/treatment.ts'
import { Arena, SLOTS } from '../../src/server/mmsg/arena.ts'
import { Table } from '../../src/table/table.ts'
import { damagedQuery, randomMessage, realQuery } from '../support/hostile.ts'
import { query, TYPE } from '../support/message.ts'
import { ROWS, smallTable, smallZoneSet } from '../support/small-table.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const table = smallTable()
const zoneSet = smallZoneSet()

/** An IPv4 address as a number. */
const address = fc.nat({ max: 0xffffffff })

const ownerOf = (number: number): string => [0, 8, 16, 24].map((shift) => (number >>> shift) & 255).join('.')

const geoQuery = (number: number): Buffer =>
  query(`${ownerOf(number)}.geo.asnzone.internal`, { type: TYPE.TXT })

/** The words of an address of 32 hexadecimal digits. */
const wordsOf = (digits: string): number[] =>
  [0, 8, 16, 24].map((at) => Number.parseInt(digits.slice(at, at + 8), 16))

const sixQuery = (digits: string): Buffer =>
  query(`${[...digits].reverse().join('.')}.geo.asnzone.internal`, { type: TYPE.TXT })

const writtenQuery = (number: number): Buffer =>
  query(`${ownerOf(number).split('.').reverse().join('.')}.cc.IP.asnzone.internal`, { type: TYPE.TXT })

/** Puts messages into the slots of an arena, what was in them before left behind; as many as there are slots. */
function fill(arena: Arena, messages: readonly Uint8Array[]): void {
  for (const [slot, message] of messages.entries()) arena.bytes.set(message, arena.packet(slot))
}

/** The replies to messages that lie in an arena. */
function replies(by: Responder, arena: Arena, messages: readonly Uint8Array[]): Buffer[] {
  return messages.map(({ length: octets }, slot) => {
    const start = arena.packet(slot)
    const length = by.respond(arena.bytes, start, start + octets, TRANSPORT.udp, slot)
    return Buffer.from(arena.bytes.subarray(start, start + length))
  })
}

test('every message of a batch is answered as without', { timeout: 120_000 }, () => {
  const arenas = [new Arena(() => 0), new Arena(() => 0)] as const
  const ahead = new Responder(table, zoneSet)
  const plain = new Responder(table, zoneSet)
  const message = fc.oneof(
    { weight: 4, arbitrary: realQuery },
    damagedQuery,
    randomMessage,
    address.map(geoQuery),
    address.map(writtenQuery),
    fc.stringMatching(/^20014860[0-9a-fA-F]{24}$/).map(sixQuery),
  )
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: SLOTS }), (messages) => {
      const batch = messages.filter(({ length }) => length <= 1024)
      for (const arena of arenas) fill(arena, batch)
      ahead.lookAhead(arenas[0].bytes, arenas[0].starts, batch.length)
      expect(replies(ahead, arenas[0], batch)).toEqual(replies(plain, arenas[1], batch))
    }),
    { numRuns: 200 },
  )
})

test.each([
  ['of reversed names', geoQuery],
  ['of names as they are written', writtenQuery],
])('addresses %s are known before they are asked for', (_, ask) => {
  const lookahead = new Lookahead(table, zoneSet)
  const arena = new Arena(() => 0)
  const find = vi.spyOn(table, 'find4')
  fc.assert(
    fc.property(address, (number) => {
      fill(arena, [ask(number)])
      lookahead.look(arena.bytes, arena.starts, 1)
      find.mockClear()
      const entry = lookahead.find4(number)
      expect(find).not.toHaveBeenCalled()
      expect(entry).toBe(table.find4(number))
    }),
    { examples: [[0], [0xffffffff], [0x08080808], [0x01020304], [0xc8000001]] },
  )
})

test('each query of a full batch is known, whatever stands between', () => {
  const lookahead = new Lookahead(table, zoneSet)
  const arena = new Arena(() => 0)
  const numbers = Array.from({ length: SLOTS }, (_, slot) => (0x08080800 + slot * 3) >>> 0)
  const six = '20014860486000000000000000008888'
  fill(
    arena,
    numbers.map((number, slot) => (slot % 3 === 1 ? sixQuery(six) : geoQuery(number))),
  )
  lookahead.look(arena.bytes, arena.starts, SLOTS)
  const finds = [vi.spyOn(table, 'find4'), vi.spyOn(table, 'find6OrEmbedded')]
  const [word0, word1, word2, word3] = wordsOf(six)
  for (const [slot, number] of numbers.entries()) {
    lookahead.turnTo(slot)
    if (slot % 3 === 1) lookahead.find6(word0, word1, word2, word3)
    else lookahead.find4(number)
  }
  for (const find of finds) expect(find).not.toHaveBeenCalled()
})

test('of another query than that which was turned to, the table knows', () => {
  const lookahead = new Lookahead(table, zoneSet)
  const arena = new Arena(() => 0)
  fill(arena, [geoQuery(0x08080808), geoQuery(0x01020304)])
  lookahead.look(arena.bytes, arena.starts, 2)
  lookahead.turnTo(1)
  expect(lookahead.find4(0x08080808)).toBe(table.find4(0x08080808))
})

test('IPv6 addresses are known before they are asked for, unless the lower half decides', () => {
  const lookahead = new Lookahead(table, zoneSet)
  const arena = new Arena(() => 0)
  const find = vi.spyOn(table, 'find6OrEmbedded')
  const heads = ['20014860', '2a0206b8', '00000000', '0064ff9b', '2001486f', 'ffffffff']
  const hexadecimal = fc.stringMatching(/^[0-9a-fA-F]+$/)
  const tail = fc.tuple(fc.constantFrom('00000000', 'FFFFffff', '48600000'), hexadecimal)
  fc.assert(
    fc.property(fc.constantFrom(...heads), tail, (head, [middle, rest]) => {
      const digits = `${head}${middle}${rest}`.padEnd(32, '0').slice(0, 32)
      fill(arena, [sixQuery(digits)])
      lookahead.look(arena.bytes, arena.starts, 1)
      const [word0, word1, word2, word3] = wordsOf(digits)
      find.mockClear()
      const entry = lookahead.find6(word0, word1, word2, word3)
      // Where an interval begins with the upper half it may go on with the lower one.
      if (word1 !== 0) expect(find).not.toHaveBeenCalled()
      expect(entry).toBe(table.find6OrEmbedded(word0, word1, word2, word3))
    }),
    { numRuns: 500 },
  )
})

test('names of other kinds are left to the responder', () => {
  const lookahead = new Lookahead(table, zoneSet)
  const findAll = [vi.spyOn(table, 'findAll4'), vi.spyOn(table, 'findAll6')]
  const arena = new Arena(() => 0)
  fill(arena, [query('AS15169.as.asnzone.internal', { type: TYPE.TXT })])
  lookahead.look(arena.bytes, arena.starts, 1)
  for (const find of findAll) expect(find).not.toHaveBeenCalled()
})

test('what was found in a table that was replaced is forgotten', () => {
  const other = smallTable(ROWS.map((row) => (row.asn === 15169 ? { ...row, asn: 64999 } : row)))
  const responder = new Responder(table, zoneSet)
  const arena = new Arena(() => 0)
  const batch = [geoQuery(0x08080808)]
  fill(arena, batch)
  responder.lookAhead(arena.bytes, arena.starts, 1)
  responder.replace(new Table(other.buffer), zoneSet, OPEN_POLICY)
  expect(replies(responder, arena, batch)[0].toString('latin1')).toContain('64999 | ')
})

test('the address 0.0.0.0 is known from the beginning', () => {
  const zero = smallTable([{ cidr: '0.0.0.0/8', asn: 64500, country: 'DE' }])
  expect(new Lookahead(zero, zoneSet).find4(0)).toBe(zero.find4(0))
  expect(zero.find4(0)).not.toBe(0)
})
