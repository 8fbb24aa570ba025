import { describe, expect, test } from 'vitest'
import { answerFault, composeAnswer, fillIn } from '../../src/policy/answer.ts'

const values = {
  user: 'u@x',
  address: '192.0.2.1',
  country: 'JP',
  rule: 'countries',
  until: '2026-11-27T09:03:00Z',
}

describe('texts', () => {
  test.each([
    'REJECT',
    'REJECT Policy violation. Please contact your support',
    'reject x',
    'DEFER x',
    'DEFER_IF_PERMIT x',
    '550 5.7.26 x',
    '450 4.7.1 x',
    'DUNNO',
    'WARN x',
    'PREPEND X-A: b',
    'HOLD',
    'REJECT %{user} %{until}',
  ])('%s can be an answer', (text) => {
    expect(answerFault(text)).toBeNull()
  })

  test.each([
    ['FOO bar', /'FOO' is not an action of Postfix, .* 451: begin with REJECT/],
    ['', /'' is not an action/],
    ['OK', /'OK' is not an action/],
    ['600 x', /'600' is not an action/],
    ['REJECT a\nb', /control character/],
    [`REJECT ${'x'.repeat(400)}`, /more than 400 octets/],
    ['REJECT %{usr}', /there is no %\{usr\}; known are %\{user\}/],
  ])('%j is refused', (text, reason) => {
    expect(answerFault(text)).toMatch(reason)
  })
})

describe('macros', () => {
  test('are filled in', () => {
    expect(fillIn('REJECT %{user} %{address} %{country} %{rule} %{until}', values)).toBe(
      'REJECT u@x 192.0.2.1 JP countries 2026-11-27T09:03:00Z',
    )
  })

  test('what they stand for adds no line, is not filled in again, and stays short', () => {
    expect(fillIn('REJECT %{user}', { ...values, user: 'a\n\naction=OK%{rule}' })).toBe(
      'REJECT aaction=OK%{rule}',
    )
    const long = fillIn('REJECT %{user}', { ...values, user: 'ä'.repeat(500) })
    expect(new TextEncoder().encode(long).length).toBeLessThanOrEqual(400)
  })
})

test('an answer ends with an empty line', () => {
  expect(composeAnswer('DUNNO')).toBe('action=DUNNO\n\n')
})
