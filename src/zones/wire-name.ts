// Domain names of the configuration as the octets of the wire (RFC 1035 3.1).

/** The most octets of a label, and of a name with its length octets and the root label (RFC 1035 2.3.4). */
export const MAX_LABEL = 63
export const MAX_NAME = 255

/** Labels of names that are configured. */
const CONFIGURED = /^[A-Za-z0-9_-]+$/

/** Labels of names that are asked for: addresses as they are written have `:` and `/`. */
const ASKED = /^[!-~]+$/

/**
 * The wire form of a domain name in lower case, the root label included.
 *
 * @throws {Error} with a short reason when a label is empty, longer than MAX_LABEL octets or has other characters than
 *   letters, digits, `-` and `_`, or when the whole is longer than MAX_NAME octets.
 */
export const wireName = (name: string): Uint8Array =>
  wireNameOf(name, CONFIGURED, "letters, digits, '-' and '_'")

/** The same of a name that is asked for, whose labels may have any characters of ASCII that can be seen. */
export const askedName = (name: string): Uint8Array => wireNameOf(name, ASKED, 'what can be seen in ASCII')

function wireNameOf(name: string, allowed: RegExp, words: string): Uint8Array {
  const text = name.replace(/\.$/, '')
  const labels = text === '' ? [] : text.split('.')
  const octets: number[] = []
  for (const label of labels) {
    if (label.length === 0) throw new Error(`'${name}' has an empty label`)
    if (label.length > MAX_LABEL) {
      throw new Error(`'${name}' has a label of more than ${MAX_LABEL} characters`)
    }
    if (!allowed.test(label)) {
      throw new Error(`'${name}' has a label with other characters than ${words}`)
    }
    octets.push(label.length)
    for (const character of label.toLowerCase()) octets.push(character.charCodeAt(0))
  }
  octets.push(0)
  if (octets.length > MAX_NAME) throw new Error(`'${name}' is longer than ${MAX_NAME} octets`)
  return Uint8Array.from(octets)
}

/** How many labels a wire-form name has, the root not counted. */
export function labelCount(wire: Uint8Array): number {
  let labels = 0
  for (let at = 0; wire[at] !== 0; at += wire[at] + 1) labels++
  return labels
}

/**
 * Whether the name at `packet[at…]`, which is not compressed, is that of `length` octets at `names[start…]`, which are in
 * lower case, but for case.
 */
export function equalNames(
  packet: Uint8Array,
  at: number,
  names: Uint8Array,
  start: number,
  length: number,
): boolean {
  for (let i = 0; i < length; i++) {
    const octet = packet[at + i]
    if (octet !== names[start + i] && foldCase(octet) !== names[start + i]) return false
  }
  return true
}

/** Folds A–Z to lower case (RFC 4343 3); a length octet is below 64 and stays. */
export function foldCase(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet
}
