// Listen addresses as administrators write them, and what is said when one can't be bound.

import { describe, expect, test } from 'vitest'
import { bindError, isMissingAddress } from '../../src/server/bind-error.ts'
import {
  addressOctets,
  formatListenAddress,
  isWildcard,
  isWithoutPort,
  ownHost,
  parseListenAddress,
  parseListenEntry,
} from '../../src/system/listen-address.ts'
import { messageOf } from '../support/errors.ts'

describe('parseListenAddress', () => {
  test.each([
    ['127.0.0.1:5300', { host: '127.0.0.1', port: 5300, family: 4 }],
    ['[::1]:5300', { host: '::1', port: 5300, family: 6 }],
    ['[2001:db8::1]:0', { host: '2001:db8::1', port: 0, family: 6 }],
    ['0.0.0.0:65535', { host: '0.0.0.0', port: 65535, family: 4 }],
    ['127.0.0.1', { host: '127.0.0.1', port: 5300, family: 4 }],
    ['[::1]', { host: '::1', port: 5300, family: 6 }],
    ['::1', { host: '::1', port: 5300, family: 6 }],
    ['[127.0.0.1]:53', { host: '127.0.0.1', port: 53, family: 4 }],
  ])('%s', (text, address) => {
    expect(parseListenAddress(text)).toEqual(address)
  })

  test.each([
    '',
    'ns1.test:53',
    ':123456',
    '70000',
    '127.0.0.1:',
    '127.0.0.1:65536',
    '127.0.0.1:-1',
    '127.0.0.1:dns',
    '127.0.0:53',
    '127.0.0.256:53',
    '127.0.0.01:53',
    '[::1:53',
    '::1]:53',
    '[::g]:53',
    ' 127.0.0.1:53',
    '127.0.0.1:53,127.0.0.2:53',
  ])("'%s' is refused", (text) => {
    expect(messageOf('ASNZONE_CONFIG', () => parseListenAddress(text))).toBe(
      `listen: '${text}' is not like 127.0.0.1:5300 or [::1]:5300`,
    )
  })

  test.each([
    ['localhost:53', 'write 127.0.0.1:53'],
    ['localhost', 'write 127.0.0.1:5300'],
    ['6311', 'write 127.0.0.1:6311'],
    [':6311', 'write 127.0.0.1:6311'],
    ['*:6311', 'write 0.0.0.0:6311 or [::]:6311'],
  ])("'%s' is refused with what was meant", (text, mend) => {
    expect(messageOf('ASNZONE_CONFIG', () => parseListenAddress(text))).toBe(
      `listen: '${text}' is not an address; ${mend}`,
    )
  })

  test.each([
    ['127.0.0.1', true],
    ['::1', true],
    ['[::1]', true],
    ['*', true],
    ['127.0.0.1:53', false],
    ['[::1]:53', false],
    ['*:53', false],
    ['none', false],
  ])('%s is without a port: %s', (text, expected) => {
    expect(isWithoutPort(text)).toBe(expected)
  })

  test.each(['127.0.0.1:5300', '[::1]:5300', '[2001:db8::1]:53'])('%s is written as it was read', (text) => {
    expect(formatListenAddress(parseListenAddress(text))).toBe(text)
  })
})

describe('parseListenEntry', () => {
  test.each([
    ['*:5300', ['0.0.0.0:5300', '[::]:5300']],
    ['*', ['0.0.0.0:5300', '[::]:5300']],
    ['0.0.0.0:53', ['0.0.0.0:53']],
    ['[::]:53', ['[::]:53']],
    ['[::1]:5300', ['[::1]:5300']],
  ])('%s', (text, addresses) => {
    expect(parseListenEntry(text).map(formatListenAddress)).toEqual(addresses)
  })

  test.each([
    ['*:', '*:5300'],
    ['*6311', '*:6311'],
    ['localhost:6311', '127.0.0.1:6311'],
  ])("'%s' is refused with what was meant", (text, meant) => {
    expect(messageOf('ASNZONE_CONFIG', () => parseListenEntry(text))).toBe(
      `listen: '${text}' is not an address; write ${meant}`,
    )
  })

  test.each(['**', '*:65536', '[*]:53', '*:53:53', '* :53', 'ns1.test'])("'%s' is refused", (text) => {
    expect(messageOf('ASNZONE_CONFIG', () => parseListenEntry(text))).toBe(
      `listen: '${text}' is not like 127.0.0.1:5300, [::1]:5300, or *:5300 for all addresses`,
    )
  })
})

test.each([
  ['0.0.0.0', true, '127.0.0.1'],
  ['::', true, '::1'],
  ['0000:0000:0000:0000:0000:0000:0000:0000', true, '::1'],
  ['127.0.0.1', false, '127.0.0.1'],
  ['::1', false, '::1'],
  ['10.0.0.0', false, '10.0.0.0'],
])('%s: a wildcard %s, reached by %s', (host, isAny, own) => {
  expect(isWildcard(host)).toBe(isAny)
  expect(ownHost(host)).toBe(own)
})

test.each([
  ['127.0.0.1', '7f000001'],
  ['0.0.0.0', '00000000'],
  ['::1', '00000000000000000000000000000001'],
  ['::', '00000000000000000000000000000000'],
  ['[2001:db8::ff00:1]', '20010db80000000000000000ff000001'],
  ['::ffff:127.0.0.1', '00000000000000000000ffff7f000001'],
])('the octets of %s', (text, octets) => {
  expect(Buffer.from(addressOctets(parseListenAddress(text))).toString('hex')).toBe(octets)
})

describe('bindError', () => {
  const address = parseListenAddress('[::1]:53')
  const errorOf = (code: string) => bindError('UDP', address, Object.assign(new Error('why'), { code }))

  test.each([
    ['EADDRINUSE', '[::1]:53 (UDP): another program listens there; stop it or choose another --listen'],
    ['EACCES', '[::1]:53 (UDP): not allowed; ports below 1024 need CAP_NET_BIND_SERVICE'],
    ['EADDRNOTAVAIL', '[::1]:53 (UDP): this host has no such address; choose another --listen'],
    ['EAFNOSUPPORT', '[::1]:53 (UDP): this host has no such address; choose another --listen'],
    ['EIO', '[::1]:53 (UDP): why'],
  ])('%s', (code, message) => {
    expect(errorOf(code)).toMatchObject({ code: 'ASNZONE_LISTEN', message })
  })

  test('an address that the host lacks is told from one that is taken', () => {
    expect(isMissingAddress(errorOf('EADDRNOTAVAIL'))).toBe(true)
    expect(isMissingAddress(errorOf('EAFNOSUPPORT'))).toBe(true)
    expect(isMissingAddress(errorOf('EADDRINUSE'))).toBe(false)
    expect(isMissingAddress(new Error('no cause'))).toBe(false)
  })
})
