// Asks a responder without a socket, and prints as dig +short does.

import { rdataText } from '../zones/rdata-text.ts'
import { type AnswerType, typeNumber } from '../zones/record-type.ts'
import { askedName } from '../zones/wire-name.ts'
import { read16, write16 } from './octets.ts'
import { CLASS, HEADER_LENGTH } from './protocol.ts'
import { RECORD_HEADER } from './reply.ts'
import { REPLY_CAPACITY } from './reply-capacity.ts'
import { type Responder, TRANSPORT } from './responder.ts'

/** The answer to a question for a name of visible ASCII; '' when there is none. */
export function askResponder(responder: Responder, name: string, type: AnswerType): string {
  const packet = new Uint8Array(REPLY_CAPACITY)
  const owner = askedName(name)
  packet[5] = 1
  packet.set(owner, HEADER_LENGTH)
  const question = HEADER_LENGTH + owner.length
  write16(packet, question, typeNumber(type))
  write16(packet, question + 2, CLASS.in)
  const answer = question + 4
  responder.respond(packet, 0, answer, TRANSPORT.tcp)
  if (packet[7] !== 1) return ''
  const rdata = answer + RECORD_HEADER
  return rdataText(type, packet.slice(rdata, rdata + read16(packet, rdata - 2)))
}
