// asnzone query: asks a running server, and prints as dig +short does.

import type { Command } from 'commander'
import { rcodeName } from '../dns/names.ts'
import { AsnzoneError } from '../errors.ts'
import { complain, print } from '../print.ts'
import { quoted } from '../zones/rdata-text.ts'
import { ASKED_TYPES } from '../zones/record-type.ts'
import { type AnswerRecord, askServer, type ServerReply } from './ask-server.ts'

const TIMEOUT_MS = 3000

/** Adds the command. */
export function addQuery(program: Command): void {
  program
    .command('query')
    .summary('ask a running server')
    .description('Asks a DNS server and prints the answers, one per line, as dig +short does.')
    .argument('<NAME>', 'the name to ask for')
    .argument('[TYPE]', ASKED_TYPES.join(', '), 'TXT')
    .option('-s, --server <ADDR:PORT>', 'the server to ask', '127.0.0.1:5300')
    .addHelpText(
      'after',
      `
Exits with 0 for NOERROR, with 1 for every other reply, with 9 when there is no reply.

Examples:
  asnzone query 8.8.8.8.geo.asnzone.internal
  asnzone query 8.8.8.8.zz.countries.nerd.dk A
  asnzone query geo.asnzone.internal SOA --server '[::1]:5300'`,
    )
    .action(async (name: string, type: string, { server }: { server: string }) => {
      const questionType = ASKED_TYPES.find((known) => known === type.toUpperCase())
      if (questionType === undefined) {
        throw new AsnzoneError(
          'ASNZONE_QUERY',
          `'${type}' is not a type to ask for: ${ASKED_TYPES.join(', ')}`,
        )
      }
      checkName(name)
      let reply: ServerReply
      try {
        reply = await askServer(server, name, questionType, TIMEOUT_MS)
      } catch (cause) {
        if (cause instanceof AsnzoneError) throw cause
        process.exitCode = 9
        complain(`asnzone: no reply from ${server}: ${(cause as Error).message}`)
        return
      }
      if (reply.answers.length > 0) print(reply.answers.map(answerText))
      const { rcode } = reply
      if (rcode !== 0) {
        process.exitCode = 1
        complain(`${name}: ${rcodeName(rcode)}`)
      } else if (reply.answers.length === 0) complain(`${name}: NOERROR, no ${questionType} record`)
    })
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
  const strings = typeof record.data === 'string' ? [record.data] : (record.data ?? [])
  return strings.map(quoted).join(' ')
}

/** An address as dig writes it: dns2 writes what stands for an IPv4 address in hexadecimal digits. */
function mappedText(address: string): string {
  const groups = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/i.exec(address)
  if (groups === null) return address
  const [high, low] = groups.slice(1).map((group) => Number.parseInt(group, 16))
  return `::ffff:${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
}
