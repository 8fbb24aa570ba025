// Signatures as minisign has them (Ed25519 over a BLAKE2b-512 sum), made and verified with node:crypto, so that
// administrators can sign and check with minisign as well.
//
//     public key   base64 of «Ed», key number (8 octets), Ed25519 public key (32)
//     signature    a comment · base64 of «ED», key number, signature (64) of the sum · «trusted comment: » and a text ·
//                  base64 of a signature (64) of that signature and the text
//
// «Ed» in place of «ED» is the older kind: the signature is of the octets themselves.

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signWith,
  verify as verifyWith,
} from 'node:crypto'

const KEY_OCTETS = 42
const SIGNATURE_OCTETS = 74
const NUMBER_OCTETS = 8

/** What stands before an Ed25519 public key in DER (RFC 8410 4). */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex')

const TRUSTED = 'trusted comment: '

/** Whose signatures are believed. */
export interface PublicKey {
  readonly number: Buffer
  readonly key: KeyObject
}

/** What signs. */
export interface SigningKey {
  readonly number: Buffer
  readonly key: KeyObject
  /** The public key as minisign and our config have it, `RW…`. */
  readonly publicLine: string
}

/**
 * Reads a public key, `RW…`.
 *
 * @throws {Error} with a short reason when it is none.
 */
export function readPublicKey(line: string): PublicKey {
  const octets = octetsOf(line.trim(), KEY_OCTETS)
  if (octets === null || octets.toString('latin1', 0, 2) !== 'Ed') {
    throw new Error(`'${line}' is not a public key of minisign, such as RWQ…, of 56 characters`)
  }
  const key = createPublicKey({
    key: Buffer.concat([SPKI_HEAD, octets.subarray(2 + NUMBER_OCTETS)]),
    format: 'der',
    type: 'spki',
  })
  return { number: octets.subarray(2, 2 + NUMBER_OCTETS), key }
}

/**
 * Reads what signs: an Ed25519 key as PEM, without a passphrase.
 *
 * @throws {Error} with a short reason when it is none.
 */
export function readSigningKey(text: string): SigningKey {
  if (text.startsWith('untrusted comment:')) {
    throw new Error(
      'it is a secret key of minisign: sign current.json with minisign -S, or use a key of --new-key',
    )
  }
  let key: KeyObject
  try {
    key = createPrivateKey(text)
  } catch (cause) {
    throw new Error('it is no private key as PEM without a passphrase', { cause })
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw new Error(`it is a key for ${key.asymmetricKeyType}, not for ed25519`)
  return signingKey(key)
}

/**
 * Refuses the public key in the place of the secret one.
 *
 * @throws {Error} with a short reason.
 */
export function refusePublicKey(text: string): void {
  if (/^RW[\w+/]{54}\s*$/m.test(text) || text.includes('-----BEGIN PUBLIC KEY-----')) {
    throw new Error(
      'it is a public key, for nodes; name the secret one, which asnzone build --new-key writes without .pub',
    )
  }
}

/** A new key: the secret one as PEM, and what it signs with. */
export function newSigningKey(): { readonly pem: string; readonly signing: SigningKey } {
  const { privateKey } = generateKeyPairSync('ed25519')
  return { pem: String(privateKey.export({ format: 'pem', type: 'pkcs8' })), signing: signingKey(privateKey) }
}

/** The file of a public key. */
export const publicKeyFile = ({ publicLine }: SigningKey): string =>
  `untrusted comment: public key of asnzone snapshots\n${publicLine}\n`

function signingKey(key: KeyObject): SigningKey {
  const octets = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(SPKI_HEAD.length)
  const number = createHash('sha256').update(octets).digest().subarray(0, NUMBER_OCTETS)
  return { number, key, publicLine: Buffer.concat([Buffer.from('Ed'), number, octets]).toString('base64') }
}

/** The signature file of some octets. */
export function sign(octets: Uint8Array, { number, key }: SigningKey, comment: string): string {
  const signature = signWith(null, sumOf(octets), key)
  const both = signWith(null, Buffer.concat([signature, Buffer.from(comment)]), key)
  return [
    'untrusted comment: signature of an asnzone snapshot',
    Buffer.concat([Buffer.from('ED'), number, signature]).toString('base64'),
    `${TRUSTED}${comment}`,
    both.toString('base64'),
    '',
  ].join('\n')
}

/** Why a signature file proves nothing about some octets, in a short sentence; null when it proves that one of the keys signed them. */
export function whyUnsigned(octets: Uint8Array, file: string, keys: readonly PublicKey[]): string | null {
  const [, line = '', comment = '', last = ''] = file.split(/\r?\n/)
  const head = octetsOf(line, SIGNATURE_OCTETS)
  const both = octetsOf(last, SIGNATURE_OCTETS - 2 - NUMBER_OCTETS)
  const kind = head?.toString('latin1', 0, 2)
  if (head === null || both === null || (kind !== 'ED' && kind !== 'Ed') || !comment.startsWith(TRUSTED)) {
    return 'its .minisig is no signature of minisign'
  }
  const number = head.subarray(2, 2 + NUMBER_OCTETS)
  const key = keys.find((it) => it.number.equals(number))?.key
  if (key === undefined) return 'it is signed with another key than those of the config'
  const signature = head.subarray(2 + NUMBER_OCTETS)
  const signed = kind === 'ED' ? sumOf(octets) : octets
  if (!verifyWith(null, signed, key, signature)) return 'its signature is wrong'
  const text = Buffer.from(comment.slice(TRUSTED.length))
  return verifyWith(null, Buffer.concat([signature, text]), key, both)
    ? null
    : "its signature's comment was changed"
}

function sumOf(octets: Uint8Array): Buffer {
  return createHash('blake2b512').update(octets).digest()
}

/** Base64 of exactly so many octets; null for anything else. */
function octetsOf(text: string, length: number): Buffer | null {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null
  const octets = Buffer.from(text, 'base64')
  return octets.length === length && octets.toString('base64') === text ? octets : null
}
