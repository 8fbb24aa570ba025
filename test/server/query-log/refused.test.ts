// The clients that got no answer last.

import { expect, test } from 'vitest'
import { OUTCOME, type OutcomeName } from '../../../src/dns/outcome.ts'
import { type RefusedClient, RefusedClients } from '../../../src/server/query-log/refused.ts'

const lineOf = (second: number, client: string, outcome: string, asked = 'example.com A IN') =>
  `2026-11-22T01:02:${String(second).padStart(2, '0')}.000Z ${client} udp ${asked} REFUSED ${outcome} 29\n`

const note = (clients: RefusedClients, line: string): void =>
  clients.note(line, OUTCOME[line.split(' ').at(-2) as OutcomeName])

const known = (...lines: readonly string[]): readonly RefusedClient[] | null => {
  const clients = new RefusedClients()
  for (const line of lines) note(clients, line)
  return clients.take()
}

test('one entry for a client and what became of it, the last first', () => {
  expect(
    known(
      lineOf(1, '192.0.2.7', 'refused'),
      lineOf(2, '2001:db8::7', 'rateLimited', '8.8.8.8.geo.asnzone.internal TXT IN'),
      lineOf(3, '192.0.2.9', 'answer'),
      lineOf(4, '192.0.2.7', 'refused', '- - -'),
    ),
  ).toEqual([
    { client: '192.0.2.7', outcome: 'refused', asked: null, at: '2026-11-22T01:02:04.000Z', queries: 2 },
    {
      client: '2001:db8::7',
      outcome: 'rateLimited',
      asked: '8.8.8.8.geo.asnzone.internal TXT',
      at: '2026-11-22T01:02:02.000Z',
      queries: 1,
    },
  ])
})

test('answers are nothing new', () => {
  expect(known(lineOf(1, '192.0.2.9', 'answer'), lineOf(2, '192.0.2.9', 'nxDomain'))).toBeNull()
})

test('what was taken is not taken again', () => {
  const clients = new RefusedClients()
  note(clients, lineOf(1, '192.0.2.7', 'dropped'))
  expect(clients.take()).toHaveLength(1)
  expect(clients.take()).toBeNull()
})

test('no more than twenty are remembered, and one that asks on is not the one that goes', () => {
  const lines = Array.from({ length: 30 }, (_, i) => [
    lineOf(i, '192.0.2.7', 'refused'),
    lineOf(i, `198.51.100.${i}`, 'refused'),
  ]).flat()
  const clients = known(...lines) ?? []
  expect(clients).toHaveLength(20)
  expect(clients[0].client).toBe('198.51.100.29')
  expect(clients[1]).toMatchObject({ client: '192.0.2.7', queries: 30 })
  expect(clients.map(({ client }) => client)).not.toContain('198.51.100.0')
})
