// asnzone query: asks a running server, and prints as dig +short does.

import { isIP } from 'node:net'
import type { Command } from 'commander'
import { rcodeName } from '../dns/names.ts'
import { AsnzoneError } from '../errors.ts'
import { complain, print, printJson } from '../print.ts'
import { formatListenAddress, parseListenAddress } from '../system/listen-address.ts'
import { parseCidr } from '../table/cidr-text.ts'
import { quoted } from '../zones/rdata-text.ts'
import { ASKED_TYPES } from '../zones/record-type.ts'
import { type AnswerRecord, askServer, type ServerReply } from './ask-server.ts'
import { addSettingOptions, settingsOf } from './options.ts'

const TIMEOUT_MS = 3000

interface QueryOptions extends Readonly<Record<string, unknown>> {
  readonly server: string
  readonly json?: true
}

/** Adds the command. */
export function addQuery(program: Command): void {
  const command = program
    .command('query')
    .summary('ask a running server')
    .description('Asks a DNS server and prints the answers, one per line, as dig +short does.')
    .argument('<NAME>', 'the name to ask for; with --json also an address or a network')
    .argument('[TYPE]', ASKED_TYPES.join(', '), 'TXT')
    .option('-s, --server <ADDR:PORT>', 'the server to ask, port 5300 unless given', '127.0.0.1:5300')
    .option(
      '--json',
      'print the JSON object that the TXT record holds; an address is asked for in the zone json',
    )
    .addHelpText(
      'after',
      `
Exits with 0 for NOERROR, with 1 for every other reply and for what is no JSON with --json, with 9 when there is no
reply.

Examples:
  asnzone query 8.8.8.8.geo.asnzone.internal
  asnzone query 8.8.8.8.zz.countries.nerd.dk A
  asnzone query geo.asnzone.internal SOA --server '[::1]:5300'
  asnzone query --json 2001:4860:4860::8888 | jq .asn`,
    )
  addSettingOptions(command, ['domain']).action(
    async (asked: string, type: string, options: QueryOptions) => {
      const { server, json: asJson = false } = options
      const questionType = ASKED_TYPES.find((known) => known === type.toUpperCase())
      if (questionType === undefined) {
        throw new AsnzoneError(
          'ASNZONE_QUERY',
          `'${type}' is not a type to ask for: ${ASKED_TYPES.join(', ')}`,
        )
      }
      if (asJson && questionType !== 'TXT') {
        throw new AsnzoneError('ASNZONE_QUERY', `--json is of TXT records; leave ${questionType} out`)
      }
      const name = asJson && isAddress(asked) ? `${asked}.json.${domainOf(options)}` : asked
      checkName(name)
      let reply: ServerReply
      try {
        reply = await askServer(server, name, questionType, TIMEOUT_MS)
      } catch (cause) {
        if (cause instanceof AsnzoneError) throw cause
        process.exitCode = 9
        const reason = (cause as Error).message
        const asked = formatListenAddress(parseListenAddress(server, 'server'))
        complain(`asnzone: no reply from ${asked}: ${reason}; 'asnzone status' tells where yours listens`)
        hintAtLookup(name, options)
        return
      }
      const { answers, rcode } = reply
      if (answers.length > 0) {
        if (asJson) printObject(name, answers[0])
        else print(answers.map(answerText))
      }
      if (rcode !== 0) {
        process.exitCode = 1
        complain(`${name}: ${rcodeName(rcode)}`)
        hintAtLookup(name, options)
      } else if (answers.length === 0) complain(`${name}: NOERROR, no ${questionType} record`)
    },
  )
}

const domainOf = (options: QueryOptions): string =>
  settingsOf(options, { needsData: false, suffices: ['domain'] }).domain

/** Who asks for an address alone means what is known of it; what is wrong with the config is told instead, and changes nothing. */
function hintAtLookup(name: string, options: QueryOptions): void {
  if (isIP(name) === 0) return
  let domain: string
  try {
    domain = domainOf(options)
  } catch (error) {
    complain(`asnzone: ${(error as Error).message}`)
    return
  }
  complain(`asnzone lookup ${name} looks an address up; a server is asked for ${name}.geo.${domain}`)
}

/**
 * Whether an argument is an address or a network, not a name.
 *
 * @throws {AsnzoneError} `ASNZONE_QUERY` when it is nearly one.
 */
function isAddress(asked: string): boolean {
  if (isIP(asked.replace(/\/\d+$/, '')) === 0) return false
  try {
    parseCidr(asked)
  } catch (cause) {
    throw new AsnzoneError('ASNZONE_QUERY', (cause as Error).message, { cause })
  }
  return true
}

/** Prints the JSON that a TXT record holds, its strings put together without anything between. */
function printObject(name: string, record: AnswerRecord): void {
  const text = stringsOf(record).join('')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    process.exitCode = 1
    complain(`${name}: its TXT record is no JSON: ${text}`)
    return
  }
  printJson(value, 'indented')
}

/** What fits no packet has no reply (RFC 1035 3.1). */
function checkName(name: string): void {
  const labels = name.replace(/\.$/, '').split('.')
  const wrong = (reason: string): never => {
    throw new AsnzoneError('ASNZONE_QUERY', `'${name.slice(0, 60)}…' ${reason}`)
  }
  for (const label of labels) {
    const octets = Buffer.byteLength(label)
    if (octets > 63) wrong(`has a label of ${octets} octets; 63 is the most`)
  }
  const octets = labels.reduce((sum, label) => sum + 1 + Buffer.byteLength(label), 1)
  if (octets > 255) wrong(`has ${octets} octets; a name has at most 255`)
}

/** The RDATA as dig +short prints it. */
function answerText(record: AnswerRecord): string {
  if (record.address !== undefined) return mappedText(record.address)
  if (record.ns !== undefined) return `${record.ns}.`
  if (record.primary !== undefined) {
    const { primary, admin, serial, refresh, retry, expiration, minimum } = record
    return `${primary}. ${admin}. ${serial} ${refresh} ${retry} ${expiration} ${minimum}`
  }
  return stringsOf(record).map(quoted).join(' ')
}

/** The character-strings of a TXT record. */
const stringsOf = ({ data = [] }: AnswerRecord): readonly string[] => [data].flat()

/** An address as dig writes it: dns2 writes what stands for an IPv4 address in hexadecimal digits. */
function mappedText(address: string): string {
  const groups = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/i.exec(address)
  if (groups === null) return address
  const [high, low] = groups.slice(1).map((group) => Number.parseInt(group, 16))
  return `::ffff:${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
}
