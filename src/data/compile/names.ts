// AS names as answers can carry them: clean, one line, at most 80 octets.

/** The most octets of a name in UTF-8. */
export const MAX_NAME_OCTETS = 80

const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  shy: '',
}

/** What may have to be mended; most names have none of it. */
const UNSAFE = /[^\w,.()/' -]| {2}|^ | $/

const encoder = new TextEncoder()

/**
 * Makes a name safe for every client (reference: each of them splits at `|`, quotes strings with `"` or shows
 * the name in a terminal).
 *
 * HTML entities are read; `|` becomes `/` and `"` becomes `'`; control, invisible and unassigned characters go;
 * runs of blanks of any kind become one; what is longer than 80 octets in UTF-8 is cut at a character.
 */
export function sanitiseName(raw: string): string {
  if (raw.length <= MAX_NAME_OCTETS && !UNSAFE.test(raw)) return raw
  const clean = raw
    .replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,6}));/gi, readEntity)
    .normalize('NFC')
    .replace(/[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu, '')
    .replace(/[\p{Cc}\p{Z}]+/gu, ' ')
    .replace(/[\p{Co}\p{Cn}\p{Cs}]/gu, '')
    .replaceAll('|', '/')
    .replaceAll('"', "'")
    .replace(/ {2,}/g, ' ')
    .trim()
  return cut(clean)
}

function readEntity(entity: string, decimal?: string, hexadecimal?: string, name?: string): string {
  if (name !== undefined) return NAMED_ENTITIES[name.toLowerCase()] ?? entity
  const code = decimal !== undefined ? Number.parseInt(decimal, 10) : Number.parseInt(hexadecimal ?? '', 16)
  return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : ''
}

function cut(name: string): string {
  let octets = encoder.encode(name).length
  if (octets <= MAX_NAME_OCTETS) return name
  const characters = [...name]
  while (octets > MAX_NAME_OCTETS) octets -= encoder.encode(characters.pop()).length
  return characters.join('').trimEnd()
}
