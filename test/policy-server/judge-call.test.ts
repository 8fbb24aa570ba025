// What the program in Redis never says is no decision.

import { expect, test } from 'vitest'
import type { Client } from '../../src/policy/client.ts'
import type { Rules } from '../../src/policy/settings.ts'
import { readJudged } from '../../src/policy-server/redis/judge-call.ts'

test.each([
  ['a word', 'OK'],
  ['nothing', null],
  ['a number', 1],
  ['an empty list', []],
  ['a list of nothing', Array(8).fill(null)],
  ['a message of a channel', ['message', 'news', 'hello']],
  ['a decision without its numbers', ['judged', '1795767300000']],
])('%s', (_, reply) => {
  expect(() => readJudged(reply, {} as Client, {} as Rules)).toThrow('no answer of the program')
})

test('that nothing is known of the account', () => {
  expect(readJudged(['new'], {} as Client, {} as Rules)).toEqual({ isNew: true })
})
