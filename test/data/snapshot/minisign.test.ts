// Signatures: what is signed is verified, and whatever is changed isn't. Debian's minisign is asked in test/consumers/.

import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  newSigningKey,
  publicKeyFile,
  readPublicKey,
  readSigningKey,
  sign,
  whyUnsigned,
} from '../../../src/data/snapshot/minisign.ts'

const { pem, signing } = newSigningKey()
const keys = [readPublicKey(signing.publicLine)]
const octets = Buffer.from('{"serial":1}\n')
const file = sign(octets, signing, 'snapshot 1')

/** What minisign 0.11 has written for a file of one line, of both kinds. */
const KNOWN = {
  key: 'RWQ/ZP2WWa4IA7WM/LClKhboVZjcbVNgCJRKhuaA9nd7aKGianUNVJoH',
  hashed: [
    'untrusted comment: signature from minisign secret key',
    'RUQ/ZP2WWa4IA5s8DGddfvnNK5TIbivJEDTpl5NqrUM1+d62bII2tMAjHF7GT1Chj+2UDumZNSzk1zG/rWZKQQ/2ag5iAD5jUQs=',
    'trusted comment: a comment',
    'sh4i00lh4PTZOpxiiPp1KkPr8/DuS731bqbVOQ88gzY0QOMwiiFTDz+Ewf1Z3EC18PaWSqr5/9ewF6NvzDa5DA==',
    '',
  ].join('\n'),
  legacy: [
    'untrusted comment: signature from minisign secret key',
    'RWQ/ZP2WWa4IA2s2X1FwWX9XyNvWDXUSF/FloAsqeErAnh2Z8rv75OE6VCBHs3s7wh1g2v9pCzGcUnhY3jEYK0uPUwLNNkz6jwg=',
    'trusted comment: another comment',
    'hqKaNCzSE8Tg6/nz84+RCfwHvnVLycz+bgUtQTm2GAiJYhBrzoGGMhNDOqCPf/LWFUhpTSCB/g+IyKibKc4ACg==',
    '',
  ].join('\n'),
}

test('what was signed is verified, by the right key of two', () => {
  const other = newSigningKey().signing
  expect(whyUnsigned(octets, file, keys)).toBeNull()
  expect(whyUnsigned(octets, file, [readPublicKey(other.publicLine), ...keys])).toBeNull()
  expect(whyUnsigned(octets, file, [readPublicKey(other.publicLine)])).toBe(
    'it is signed with another key than those of the config',
  )
})

test('the same octets have the same signature', () => {
  expect(sign(octets, readSigningKey(pem), 'snapshot 1')).toBe(file)
})

test('a signature of minisign 0.11 is verified', () => {
  const signed = Buffer.from('asnzone\n')
  const key = readPublicKey(KNOWN.key)
  expect(whyUnsigned(signed, KNOWN.hashed, [key])).toBeNull()
  expect(whyUnsigned(signed, KNOWN.legacy, [key])).toBeNull()
})

test('no octet of the signature may be another one', () => {
  for (let i = file.indexOf('\n') + 1; i < file.length - 1; i++) {
    for (const character of ['A', 'B']) {
      if (file[i] === character) continue
      const changed = file.slice(0, i) + character + file.slice(i + 1)
      expect(whyUnsigned(octets, changed, keys), `${i}`).not.toBeNull()
    }
  }
})

test('no octet of what is signed may be another one', () => {
  for (let i = 0; i < octets.length; i++) {
    const changed = Buffer.from(octets)
    changed[i] ^= 1
    expect(whyUnsigned(changed, file, keys)).toBe('its signature is wrong')
  }
})

test.each(['', '\n\n\n\n', 'RW', file.replace(/^.*\n/, ''), 'x'.repeat(4096)])(
  '%j is no signature',
  (text) => {
    expect(whyUnsigned(octets, text, keys)).toBe('its .minisig is no signature of minisign')
  },
)

test.each(['', 'RW', signing.publicLine.slice(1), `${signing.publicLine}A`, 'x'.repeat(56)])(
  '%j is no public key',
  (line) => expect(() => readPublicKey(line)).toThrow(/is not a public key of minisign/),
)

test('other secret keys are refused by what they are', () => {
  expect(() => readSigningKey('untrusted comment: minisign encrypted secret key\nRW')).toThrow(
    /secret key of minisign/,
  )
  expect(() => readSigningKey('nothing')).toThrow('no private key as PEM')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  expect(() => readSigningKey(String(privateKey.export({ format: 'pem', type: 'pkcs8' })))).toThrow(
    'it is a key for ec, not for ed25519',
  )
})

test('the file of a public key is as minisign has it', () => {
  expect(publicKeyFile(signing)).toBe(
    `untrusted comment: public key of asnzone snapshots\n${signing.publicLine}\n`,
  )
})
