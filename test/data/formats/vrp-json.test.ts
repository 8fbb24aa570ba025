// JSON of RPKI validators: what counts in it, and what is refused.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Collector } from '../../../src/data/compile/collector.ts'
import { LIMITS } from '../../../src/data/compile/limits.ts'
import { ValueTables } from '../../../src/data/compile/value-tables.ts'
import { readVrpJson } from '../../../src/data/formats/vrp-json.ts'
import { cutAt, cuts } from '../../support/chunked-input.ts'
import { type CollectedVrps, collectedVrps, refusalOf } from '../../support/collected-vrps.ts'

const read = (text: string, pieces?: readonly Buffer[]): Promise<CollectedVrps> =>
  collectedVrps(readVrpJson, text, pieces)

const refusal = (text: string): Promise<string> => refusalOf(readVrpJson, text)

const ROA = '{"asn":13335,"prefix":"1.1.1.0/24","maxLength":24,"ta":"apnic"}'

/** A file of these payloads. */
const fileOf = (...roas: readonly string[]): string => `{"roas":[${roas.join(',')}]}`

const RPKI_CLIENT = `{
	"metadata": {
		"buildmachine": "rpki.example.net",
		"buildtime": "2026-11-27T12:00:36Z",
		"elapsedtime": "430",
		"roas": 3
	},

	"roas": [
		{ "asn": 13335, "prefix": "1.1.1.0/24", "maxLength": 24, "ta": "apnic", "expires": 4102444800 },
		{ "asn": 0, "prefix": "10.0.0.0/8", "maxLength": 32, "ta": "apnic", "expires": 4102444800 },
		{ "asn": 4294967295, "prefix": "2001:db8::/32", "maxLength": 48, "ta": "ripe", "expires": 4102444800 }
	],

	"bgpsec_keys": [
		{ "asn": 15562, "ski": "5D4250E2D81D4448D8A29EFCE91D29FF075EC9E2", "pubkey": "MFkw", "ta": "ripe", "expires": 1 }
	],

	"provider_authorizations": {
		"ipv4": [ { "customer_asid": 944, "expires": 1, "providers": [ 1299, 6939 ] } ]
	},
	"aspas": []
}
`

const ROUTINATOR = `{
  "metadata": {
    "generated": 1795780800,
    "generatedTime": "2026-11-27T12:00:00Z"
  },
  "roas": [
    { "asn": "AS13335", "prefix": "1.1.1.0/24", "maxLength": 24, "ta": "apnic" },
    { "asn": "as13335", "prefix": "2606:4700::/44", "maxLength": 48, "ta": "arin" }
  ]
}
`

const OCTORPKI = `{"metadata":{"counts":1,"generated":1795780800,"valid":1795784400},"roas":[{"prefix":"1.1.1.0\\/24","maxLength":24,"asn":"AS13335","ta":"Cloudflare - APNIC"}]}`

describe('what validators write', () => {
  test('rpki-client', async () => {
    expect(await read(RPKI_CLIENT)).toEqual({
      vrps: ['1.1.1.0/24-24 AS13335', '10.0.0.0/8-32 AS0', '2001:db8::/32-48 AS4294967295'],
      skipped: 0,
      date: '2026-11-27T12:00:36.000Z',
      doubt: null,
    })
  })

  test('Routinator', async () => {
    expect(await read(ROUTINATOR)).toEqual({
      vrps: ['1.1.1.0/24-24 AS13335', '2606:4700::/44-48 AS13335'],
      skipped: 0,
      date: '2026-11-27T12:00:00.000Z',
      doubt: null,
    })
  })

  test('OctoRPKI, with a slash that is escaped', async () => {
    expect(await read(OCTORPKI)).toMatchObject({
      vrps: ['1.1.1.0/24-24 AS13335'],
      date: '2026-11-27T12:00:00.000Z',
    })
  })

  test('sources of a payload are left out', async () => {
    const source = '"source":[{"type":"roa","uri":"rsync://x","asn":{"prefix":1}}]'
    expect(await read(fileOf(ROA.replace('}', `,${source}}`)))).toMatchObject({
      vrps: ['1.1.1.0/24-24 AS13335'],
    })
  })

  test('what has expired is left out, and said', async () => {
    const of = (expires: number): string => ROA.replace('}', `,"expires":${expires}}`)
    expect(await read(fileOf(of(4102444800), of(1600000000), of(1700000000)))).toMatchObject({
      vrps: ['1.1.1.0/24-24 AS13335'],
      skipped: 2,
      doubt: '2 of 3 ROAs have expired and are left out: does the validator still write the file?',
    })
  })

  test('in pieces of any size', async () => {
    const bytes = Buffer.from(RPKI_CLIENT)
    const whole = await read(RPKI_CLIENT)
    await fc.assert(
      fc.asyncProperty(cuts, async (offsets) => {
        expect(await read('', cutAt(bytes, offsets))).toEqual(whole)
      }),
      { numRuns: 200 },
    )
    expect(
      await read(
        '',
        Array.from(bytes, (byte) => Buffer.of(byte)),
      ),
    ).toEqual(whole)
  })
})

const MEND = 'mend it, or have the validator write the file again'
const SHAPE =
  'file:1: not an object with a list "roas"; the format is what rpki-client, Routinator and OctoRPKI write as JSON'

describe('what is refused', () => {
  test.each<{ name: string; roa: string; reason: string }>([
    {
      name: 'a maximum length below the length',
      roa: '{"asn":1,"prefix":"1.0.0.0/24","maxLength":23}',
      reason: 'its maximum length, 23, is not from 24 to 32 as that of a /24 is',
    },
    {
      name: 'a maximum length over 32',
      roa: '{"asn":1,"prefix":"1.0.0.0/24","maxLength":33}',
      reason: 'its maximum length, 33, is not from 24 to 32 as that of a /24 is',
    },
    {
      name: 'a maximum length over 128',
      roa: '{"asn":1,"prefix":"2001:db8::/32","maxLength":129}',
      reason: "'129' is not a maximum length from 0 to 128",
    },
    {
      name: 'bits after the length',
      roa: '{"asn":1,"prefix":"1.0.0.1/24","maxLength":24}',
      reason: "'1.0.0.1/24' has bits after its length; did you mean 1.0.0.0/24?",
    },
    {
      name: 'the same in IPv6',
      roa: '{"asn":1,"prefix":"2001:db8::1/64","maxLength":64}',
      reason: "'2001:db8::1/64' has bits after its length; did you mean 2001:db8::/64?",
    },
    {
      name: 'an AS over 2^32',
      roa: '{"asn":4294967296,"prefix":"1.0.0.0/24","maxLength":24}',
      reason: "'4294967296' is not an AS number from 0 to 4294967295",
    },
    {
      name: 'an AS that is none',
      roa: '{"asn":"ASX","prefix":"1.0.0.0/24","maxLength":24}',
      reason: "'ASX' is not an AS number from 0 to 4294967295",
    },
    {
      name: 'an address without a length',
      roa: '{"asn":1,"prefix":"1.0.0.0","maxLength":24}',
      reason: "'1.0.0.0' is not a prefix such as 192.0.2.0/24",
    },
    {
      name: 'no prefix at all',
      roa: '{"asn":1,"prefix":"ten","maxLength":24}',
      reason: "'ten' is not an IP address or a CIDR such as 192.0.2.0/24 or 2001:db8::/32",
    },
    { name: 'no AS', roa: '{"prefix":"1.0.0.0/24","maxLength":24}', reason: 'no AS number' },
    { name: 'no prefix', roa: '{"asn":1,"maxLength":24}', reason: 'no prefix' },
    { name: 'no maximum length', roa: '{"asn":1,"prefix":"1.0.0.0/24"}', reason: 'no maximum length' },
    {
      name: 'a time that is none',
      roa: '{"asn":1,"prefix":"1.0.0.0/24","maxLength":24,"expires":1.5}',
      reason: "'1.5' is not a time in seconds since 1970",
    },
  ])('$name', async ({ roa, reason }) => {
    expect(await refusal(fileOf(ROA, roa))).toBe(`file:1: roas[1]: ${reason}; ${MEND}`)
  })

  test.each([
    ['{"asn":null,"prefix":"1.0.0.0/24","maxLength":24}', 'asn is neither a number nor a string'],
    ['{"asn":[1],"prefix":"1.0.0.0/24","maxLength":24}', 'asn is neither a number nor a string'],
    ['{"asn":1,"prefix":16777216,"maxLength":24}', 'prefix is not a string'],
    ['{"asn":1,"prefix":{"ip":"1.0.0.0"},"maxLength":24}', 'prefix is neither a number nor a string'],
    [
      '{"asn":1,"prefix":"1.0.0.0/24","maxLength":"24"}',
      'maxLength is not a number, without quotation marks',
    ],
    [
      '{"asn":1,"prefix":"1.0.0.0/24","maxLength":24,"expires":"x"}',
      'expires is not a number, without quotation marks',
    ],
    ['"1.0.0.0/24"', 'not an object'],
    ['["1.0.0.0/24"]', 'not an object'],
    ['{"asn":1,"asn":2,"prefix":"1.0.0.0/24","maxLength":24}', 'asn is there twice'],
    ['{"asn":1,"prefix":"1.0.0.0/24","maxLength":24,"maxLength":24}', 'maxLength is there twice'],
  ])('%s', async (roa, reason) => {
    expect(await refusal(fileOf(ROA, roa))).toBe(`file:1: roas[1]: ${reason}; ${MEND}`)
  })

  test.each([
    ['[]'],
    ['5'],
    ['"roas"'],
    ['{}'],
    ['{"roas":{}}'],
    ['{"roas":null}'],
    ['{"ROAs":[]}'],
    [`[${ROA}]`],
  ])('another shape: %s', async (text) => {
    expect(await refusal(text)).toBe(SHAPE)
  })

  test('two lists', async () => {
    expect(await refusal(`{"roas":[${ROA}],"roas":[${ROA}]}`)).toBe(
      `file:1: the list "roas" is there twice; ${MEND}`,
    )
  })

  test('what is not read may be there twice', async () => {
    const text = fileOf(ROA.replace('}', ',"ta":"a","x":{"asn":1,"asn":2}}'), ROA)
    expect(await refusal(text)).toBe('none')
  })

  test('no ROA at all', async () => {
    expect(await refusal('{"roas":[]}')).toBe(
      'file:1: it has no ROAs; has the validator finished its first run? Have it write the file again',
    )
  })

  test('a file that was cut, wherever', async () => {
    const text = ROUTINATOR.trimEnd()
    for (let length = 0; length < text.length; length++) {
      expect(await refusal(text.slice(0, length))).toMatch(
        /^file:\d+: (the JSON ends too early: the file was cut off; fetch it again, or have it written again|not JSON: .*)$/,
      )
    }
    expect(await refusal(text.slice(0, 150))).toMatch(/^file:7: the JSON ends too early/)
    expect(await refusal(text)).toBe('none')
  })

  test.each([
    [
      '{"roas":[1,]}',
      "file:1: not JSON: ']' where a value should be; fetch it again, or have it written again",
    ],
    [
      '{"a":1 "roas":[]}',
      `file:1: not JSON: '"roas"' where ',' or the end of the list or object should be; fetch it again, or have it written again`,
    ],
    [
      '{roas:[]}',
      "file:1: not JSON: 'roas' where a name or '}' should be; fetch it again, or have it written again",
    ],
    ['{"a":01}', "file:1: not JSON: '01' where a value should be; fetch it again, or have it written again"],
    [
      '{"a":"\\x"}',
      'file:1: a string has an escape that there is not; fetch it again, or have it written again',
    ],
    [
      '{"a":"\n"}',
      'file:1: not JSON: a control character in a string; fetch it again, or have it written again',
    ],
    [
      '{"a":1]',
      "file:1: not JSON: ']' where ',' or the end of the list or object should be; fetch it again, or have it written again",
    ],
    [
      `${fileOf(ROA)}\n{}`,
      "file:2: not JSON: '{' where nothing should be; fetch it again, or have it written again",
    ],
    [
      '{"a":tru}',
      "file:1: not JSON: 'tru' where a value should be; fetch it again, or have it written again",
    ],
    [`{"a":${'['.repeat(64)}`, 'file:1: values lie more than 64 deep in others; is this the right file?'],
  ])('no JSON: %s', async (text, message) => {
    // The first two payloads are no objects, which is not what is tried here.
    expect(await refusal(text.replace('[1,]', `[${ROA},]`))).toBe(message)
  })

  test('a string without an end is not read to the end of the file', async () => {
    expect(await refusal(`{"${'x'.repeat(100_000)}`)).toBe(
      'file:1: a string or number of more than 65536 octets; is this the right file?',
    )
  })

  test('what JSON.parse takes and what it refuses is the same here', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.json({ maxDepth: 6 }),
        fc.nat(),
        fc.constantFrom('', '"', ',', '}', '1', '\\', '[]'),
        async (json, at, stray) => {
          const where = at % (json.length + 1)
          const text = `{"x":${json.slice(0, where)}${stray}${json.slice(where)},"roas":[${ROA}]}`
          let isJson = true
          try {
            // A name that is there twice, or a payload that was pushed out of the list, is JSON all the same.
            isJson = Array.isArray(JSON.parse(text).roas)
          } catch {
            isJson = false
          }
          const reason = await refusal(text)
          if (isJson) expect(reason).toBe('none')
          else expect(reason).not.toBe('none')
        },
      ),
      { numRuns: 500 },
    )
  })

  test('more than max-rows', async () => {
    const into = new Collector('rpki', new ValueTables(), { ...LIMITS, maxRows: 2 })
    async function* chunks() {
      yield Buffer.from(fileOf(ROA, `\n${ROA}`, `\n${ROA}`))
    }
    await expect(readVrpJson({ name: 'file', chunks: chunks() }, into)).rejects.toThrow(
      'file:3: more than 2 rows; raise max-rows if that is right',
    )
  })
})
