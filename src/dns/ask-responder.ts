// Asks a responder without a socket, and prints as dig +short does.

import { wireName } from '../zones/wire-name.ts'
import { CLASS, HEADER_LENGTH, TYPE } from './protocol.ts'
import { REPLY_CAPACITY } from './reply-capacity.ts'
import { type Responder, TRANSPORT } from './responder.ts'

/** The answer to a question for a name of LDH labels; '' when there is none. */
export function askResponder(responder: Responder, name: string, type: 'A' | 'TXT'): string {
  const packet = new Uint8Array(REPLY_CAPACITY)
  const owner = wireName(name)
  packet[5] = 1
  packet.set(owner, HEADER_LENGTH)
  const question = HEADER_LENGTH + owner.length
  packet.set([0, type === 'A' ? TYPE.a : TYPE.txt, 0, CLASS.in], question)
  responder.respond(packet, 0, question + 4, TRANSPORT.tcp)
  if (packet[7] !== 1) return ''
  const rdata = question + 4 + 12
  const length = (packet[rdata - 2] << 8) | packet[rdata - 1]
  const octets = packet.subarray(rdata, rdata + length)
  if (type === 'A') return octets.join('.')
  const strings: string[] = []
  for (let at = 0; at < length; at += octets[at] + 1) {
    strings.push(`"${new TextDecoder().decode(octets.subarray(at + 1, at + 1 + octets[at]))}"`)
  }
  return strings.join(' ')
}
