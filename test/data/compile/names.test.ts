// AS names as answers can carry them; those that name an AS are from the bundled data.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_NAME_OCTETS, sanitiseName } from '../../../src/data/compile/names.ts'
import { anyText } from '../../support/any-text.ts'

const LONG_NAME =
  "Réseau Ivoirien de Télécommunication pour l'Enseignement et la Recherche (RITER) - " +
  "Réseau Ivoirien de Télécommunication pour l'Enseignement et la Recherche (RITER)"

describe('real names', () => {
  test.each([
    { name: 'AS15169, plain', raw: 'Google LLC', clean: 'Google LLC' },
    { name: 'AS13335, a comma', raw: 'Cloudflare, Inc.', clean: 'Cloudflare, Inc.' },
    { name: 'AS394936, a placeholder', raw: '-Reserved AS-', clean: '-Reserved AS-' },
    { name: 'AS267147, pipes', raw: 'BRASIL TECPAR | AMIGO | AVATO', clean: 'BRASIL TECPAR / AMIGO / AVATO' },
    { name: 'AS208641, quotes', raw: 'ET "GEORGI SHISHKOV"', clean: "ET 'GEORGI SHISHKOV'" },
    { name: 'AS215979, three quotes', raw: 'LLC "MC "MAKSAVIT"', clean: "LLC 'MC 'MAKSAVIT'" },
    {
      name: 'AS268179, soft hyphens between blanks',
      raw: 'K.M. TELECOMUNICACOES \u00ad EIRELI \u00ad ME',
      clean: 'K.M. TELECOMUNICACOES EIRELI ME',
    },
    {
      name: 'AS266627, a soft hyphen before a letter',
      raw: 'INTERATIVA TELECOM E TI LTDA \u00adME',
      clean: 'INTERATIVA TELECOM E TI LTDA ME',
    },
    {
      name: 'AS273099, a no-break space',
      raw: 'LINAGE COMUNICACIONES\u00a0SAS',
      clean: 'LINAGE COMUNICACIONES SAS',
    },
    {
      name: 'AS267925, a no-break space beside a blank',
      raw: 'COOPERATIVA TELEFONICA Y OTROS SERVICIOS PUBLICOS\u00a0 ASISTENCIALES, EDUCATIVOS, V',
      clean: 'COOPERATIVA TELEFONICA Y OTROS SERVICIOS PUBLICOS ASISTENCIALES, EDUCATIVOS, V',
    },
    {
      name: 'AS266522, an entity of a character that is not seen',
      raw: 'Realnet Telecomunicacoes e Multimidia ltda&#8207;',
      clean: 'Realnet Telecomunicacoes e Multimidia ltda',
    },
    {
      name: 'AS9692, three blanks',
      raw: 'Hanwha Investment   Securities Co., Ltd.',
      clean: 'Hanwha Investment Securities Co., Ltd.',
    },
    { name: 'AS6517, a blank at the end', raw: 'LAKENETWORKS ', clean: 'LAKENETWORKS' },
    { name: 'AS262934, a middle dot stays', raw: 'IP·RED', clean: 'IP·RED' },
    {
      name: 'AS60832, a backtick stays',
      raw: 'O`KEY, Limited Liability Company',
      clean: 'O`KEY, Limited Liability Company',
    },
    {
      name: 'AS328903, 169 octets',
      raw: LONG_NAME,
      clean: "Réseau Ivoirien de Télécommunication pour l'Enseignement et la Recherche (RIT",
    },
  ])('$name', ({ raw, clean }) => {
    expect(sanitiseName(raw)).toBe(clean)
  })

  test('the longest name of the data is cut to 80 octets', () => {
    expect(Buffer.byteLength(LONG_NAME)).toBe(169)
    expect(Buffer.byteLength(sanitiseName(LONG_NAME))).toBe(MAX_NAME_OCTETS)
  })
})

describe('lengths', () => {
  test.each([
    { name: '80 octets stay', raw: 'x'.repeat(80), clean: 'x'.repeat(80) },
    { name: '81 octets are cut', raw: 'x'.repeat(81), clean: 'x'.repeat(80) },
    { name: 'a two-octet character fits', raw: `${'x'.repeat(78)}é`, clean: `${'x'.repeat(78)}é` },
    { name: 'a two-octet character does not fit', raw: `${'x'.repeat(79)}é`, clean: 'x'.repeat(79) },
    { name: 'a four-octet character fits', raw: `${'x'.repeat(76)}🌍`, clean: `${'x'.repeat(76)}🌍` },
    { name: 'a four-octet character does not fit', raw: `${'x'.repeat(77)}🌍y`, clean: 'x'.repeat(77) },
    { name: 'a blank that the cut bares goes', raw: `${'x'.repeat(79)} y`, clean: 'x'.repeat(79) },
    { name: 'blanks go before the cut', raw: `a${' '.repeat(99)}b`, clean: 'a b' },
    { name: 'no name', raw: '', clean: '' },
    { name: 'nothing but blanks', raw: ' \t\u00a0\u3000 ', clean: '' },
  ])('$name', ({ raw, clean }) => {
    expect(sanitiseName(raw)).toBe(clean)
  })
})

describe('characters', () => {
  test.each([
    { name: 'line breaks', raw: 'a\r\nb\nc', clean: 'a b c' },
    { name: 'tab, escape, NUL and DEL', raw: 'a\tb\u001b[31mc\u0000d\u007fe', clean: 'a b [31mc d e' },
    { name: 'C1 controls', raw: 'a\u0085b\u009bc', clean: 'a b c' },
    { name: 'blanks of other kinds', raw: 'a\u2003b\u3000c\u2028d\u1680e', clean: 'a b c d e' },
    { name: 'marks of direction', raw: 'a\u202eb\u2066c\u200fd', clean: 'abcd' },
    { name: 'zero width', raw: 'a\u200bb\u200dc\ufeffd\u2060e', clean: 'abcde' },
    { name: 'a letter that is not seen', raw: 'a\u3164b\u115fc', clean: 'abc' },
    { name: 'variation selectors and tags', raw: 'a\ufe0fb\u{e0041}c', clean: 'abc' },
    { name: 'private use and unassigned', raw: 'a\ue000b\u0378c\uffffd', clean: 'abcd' },
    { name: 'a blank on both sides of what goes', raw: 'a \ue000 b', clean: 'a b' },
    { name: 'half of a surrogate pair', raw: 'a\ud800b\udc00c', clean: 'abc' },
    { name: 'an accent of its own is joined to its letter', raw: 'Te\u0301le\u0301com', clean: 'Télécom' },
    { name: 'letters of any script', raw: 'Яндекс 日本 עברית', clean: 'Яндекс 日本 עברית' },
  ])('$name', ({ raw, clean }) => {
    expect(sanitiseName(raw)).toBe(clean)
  })
})

describe('entities', () => {
  test.each([
    { name: 'by name', raw: 'A &amp; B &lt;C&gt; &apos;D&apos;', clean: "A & B <C> 'D'" },
    { name: 'in capitals', raw: 'A &AMP; B', clean: 'A & B' },
    { name: 'a quote', raw: '&quot;A&quot; &#34;B&#x22;', clean: "'A' 'B'" },
    { name: 'a pipe', raw: 'A &#124; B &#x7C; C', clean: 'A / B / C' },
    { name: 'blank and soft hyphen', raw: 'A&nbsp;B&shy;C', clean: 'A BC' },
    { name: 'decimal and hexadecimal', raw: '&#233;&#xE9;&#xe9;', clean: 'ééé' },
    { name: 'a control character', raw: 'A&#10;B&#0;C', clean: 'A B C' },
    { name: 'half of a surrogate pair', raw: 'A&#55296;B&#xDFFF;C', clean: 'ABC' },
    { name: 'above Unicode', raw: 'A&#1114112;B&#x110000;C', clean: 'ABC' },
    { name: 'read once', raw: '&amp;amp;', clean: '&amp;' },
    { name: 'unknown ones stay', raw: 'A &foo; B &copy C', clean: 'A &foo; B &copy C' },
    { name: 'an ampersand stays', raw: 'AT&T; R&D, H&M', clean: 'AT&T; R&D, H&M' },
  ])('$name', ({ raw, clean }) => {
    expect(sanitiseName(raw)).toBe(clean)
  })
})

test('whatever goes in, what comes out is clean', () => {
  const part = fc.oneof(
    fc.array(fc.nat({ max: 0x10ffff })).map((codes) => String.fromCodePoint(...codes)),
    anyText(),
    fc.constantFrom(
      ' ',
      '  ',
      '|',
      '"',
      '\u00a0',
      '\u00ad',
      '&#124;',
      '&quot;',
      '&#x20;',
      '\n',
      '\ud83c',
      'é',
      '🌍',
    ),
    fc.nat({ max: 0x120000 }).map((code) => `&#${code};`),
    fc.integer({ min: 60, max: 90 }).map((length) => 'x'.repeat(length)),
  )
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
      (raw) => {
        const clean = sanitiseName(raw)
        expect(Buffer.byteLength(clean)).toBeLessThanOrEqual(MAX_NAME_OCTETS)
        expect(clean).not.toMatch(/[|"]|^ | $| {2}/)
        expect(clean).not.toMatch(/(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u)
      },
    ),
    { numRuns: 1000 },
  )
})
