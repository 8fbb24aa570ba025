// What must be true of every reply, whatever the query was: read by a reader of this file's own, by dns-packet and
// by dns2.
//
// dns-packet believes the counts of a header before it has seen a record, so that the own reader comes first. dns2
// reads so many bits of an option as it has octets, and what follows is lost: it gets the reply without options.

import { decode } from 'dns-packet'
import dns2 from 'dns2'

const OPT = 41
const TSIG = 250

/** RCODEs that a reply may have: NOERROR, FORMERR, NXDOMAIN, NOTIMP, REFUSED, NOTAUTH, BADVERS. */
const RCODES = new Map([
  [0, 'NOERROR'],
  [1, 'FORMERR'],
  [3, 'NXDOMAIN'],
  [4, 'NOTIMP'],
  [5, 'REFUSED'],
  [9, 'NOTAUTH'],
  [16, 'BADVERS'],
])

/**
 * Judges a reply.
 *
 * @param {Uint8Array} query
 * @param {Buffer} reply
 * @param {boolean} isTcp
 * @returns {string} what it is: the name of its RCODE, TC, and whether there is an answer
 * @throws {Error} that says what is wrong
 */
export function checkReply(query, reply, isTcp) {
  const message = read(reply)
  const { flags, questions, answers, authorities, additionals, opt } = message
  check(reply.length <= (isTcp ? 65535 : opt === undefined ? 512 : 1232), `${reply.length} octets`)
  check(reply[0] === query[0] && reply[1] === query[1], 'another id')
  check((flags & 0x8000) !== 0, 'QR is not set')
  check((flags & 0x7900) === (((query[2] << 8) | query[3]) & 0x7900), 'another opcode or RD')
  check((flags & 0x00f0) === 0, 'RA, Z, AD or CD is set')
  check((flags & 0x0200) === 0 || !isTcp, 'TC over TCP')
  check(questions <= 1, `${questions} questions`)
  for (let i = 12; i < message.questionEnd; i++) check(reply[i] === query[i], `the question differs at ${i}`)
  const rcode = (flags & 15) | (opt === undefined ? 0 : (opt.ttl >>> 24) << 4)
  const name = RCODES.get(rcode)
  check(name !== undefined, `RCODE ${rcode}`)
  check(opt === undefined || ((opt.ttl >>> 16) & 255) === 0, 'OPT is not of version 0')
  check(opt === undefined || (opt.ttl & 0x7fff) === 0, 'a flag of OPT other than DO is set')
  check(
    additionals.every(({ type }) => type === OPT || type === TSIG),
    'another additional record',
  )
  checkSections(message, name)
  compareWithDnsPacket(reply, message)
  compareWithDns2(reply, message, rcode)
  const isCut = (flags & 0x0200) !== 0
  return `${name}${isCut ? ' TC' : answers.length > 0 ? ' answer' : authorities.length > 0 ? ' negative' : ''}`
}

/** Which sections go with which RCODE. */
function checkSections({ flags, answers, authorities, questions }, name) {
  const isCut = (flags & 0x0200) !== 0
  const records = answers.length + authorities.length
  if (name !== 'NOERROR' && name !== 'NXDOMAIN') {
    check(records === 0, `${records} records with ${name}`)
    check((flags & 0x0400) === 0, `AA with ${name}`)
    check(!isCut, `TC with ${name}`)
  } else if (isCut) check(records === 0, 'records behind TC')
  else if (records > 0) {
    check(questions === 1, 'records without a question')
    check(answers.length === 0 || authorities.length === 0, 'an answer and an authority')
    check(
      authorities.every(({ type }) => type === 6) && authorities.length <= 1,
      'an authority that is not an SOA',
    )
    check(name === 'NOERROR' || answers.length === 0, 'an answer with NXDOMAIN')
  } else check(name === 'NOERROR', 'NXDOMAIN without SOA')
}

function compareWithDnsPacket(reply, { questions, answers, authorities, additionals }) {
  const decoded = decode(reply)
  check(decoded.questions.length === questions, 'dns-packet: questions')
  check(decoded.answers.length === answers.length, 'dns-packet: answers')
  check(decoded.authorities.length === authorities.length, 'dns-packet: authorities')
  check(decoded.additionals.length === additionals.length, 'dns-packet: additionals')
  for (const [i, { type, ttl, rdata }] of answers.entries()) {
    const record = decoded.answers[i]
    check(record.ttl === ttl, 'dns-packet: TTL')
    if (type === 1) check(record.data === rdata.join('.'), 'dns-packet: A')
    if (type === 16) {
      const octets = record.data.reduce((sum, string) => sum + 1 + string.length, 0)
      check(octets === rdata.length, 'dns-packet: TXT')
    }
  }
}

function compareWithDns2(reply, { questions, answers, authorities, additionals, opt }, rcode) {
  const decoded = dns2.Packet.parse(opt === undefined ? reply : withoutOptions(reply, opt))
  check(decoded.header.rcode === rcode, `dns2: RCODE ${decoded.header.rcode}`)
  check(decoded.questions.length === questions, 'dns2: questions')
  check(decoded.answers.length === answers.length, 'dns2: answers')
  check(decoded.authorities.length === authorities.length, 'dns2: authorities')
  check(decoded.additionals.length === additionals.length, 'dns2: additionals')
  for (const [i, { type, rdata }] of answers.entries()) {
    if (type === 1) check(decoded.answers[i].address === rdata.join('.'), 'dns2: A')
  }
}

/** A message with an empty OPT record. */
function withoutOptions(reply, { rdata, end }) {
  if (rdata.length === 0) return reply
  const start = end - rdata.length
  const copy = Buffer.concat([reply.subarray(0, start), reply.subarray(end)])
  copy.writeUInt16BE(0, start - 2)
  return copy
}

/** Reads a message, whose counts must be what stands behind its header, to the octet. */
function read(reply) {
  check(reply.length >= 12, `${reply.length} octets`)
  const questions = reply.readUInt16BE(4)
  let at = 12
  for (let n = 0; n < questions; n++) at = skipName(reply, at) + 4
  const questionEnd = at
  check(at <= reply.length, 'the question ends behind the message')
  const section = (count) =>
    Array.from({ length: count }, () => {
      const fixed = skipName(reply, at)
      check(fixed + 10 <= reply.length, 'a record ends behind the message')
      const rdata = fixed + 10
      at = rdata + reply.readUInt16BE(fixed + 8)
      check(at <= reply.length, 'RDATA ends behind the message')
      return {
        type: reply.readUInt16BE(fixed),
        ttl: reply.readUInt32BE(fixed + 4),
        rdata: reply.subarray(rdata, at),
        end: at,
      }
    })
  const answers = section(reply.readUInt16BE(6))
  const authorities = section(reply.readUInt16BE(8))
  const additionals = section(reply.readUInt16BE(10))
  check(at === reply.length, `${reply.length - at} octets behind the message`)
  const opts = additionals.filter(({ type }) => type === OPT)
  check(opts.length <= 1, 'two OPT records')
  for (const { type, rdata } of answers) if (type === 16) checkStrings(rdata)
  const flags = reply.readUInt16BE(2)
  return { flags, questions, questionEnd, answers, authorities, additionals, opt: opts[0] }
}

function checkStrings(rdata) {
  let at = 0
  while (at < rdata.length) at += 1 + rdata[at]
  check(at === rdata.length && at > 0, 'character-strings do not fill their record')
}

/** The position behind a name; a pointer leads to a whole name in front of it. */
function skipName(octets, start) {
  let at = start
  for (;;) {
    check(at < octets.length, 'a name ends behind the message')
    const length = octets[at]
    if (length === 0) return at + 1
    if (length >= 0xc0) {
      const target = ((length & 63) << 8) | octets[at + 1]
      check(target >= 12 && target < start, `a pointer at ${at} to ${target}`)
      skipName(octets, target)
      return at + 2
    }
    check(length <= 63, `a label of the type ${length >> 6}`)
    at += length + 1
    check(at - start < 255, 'a name of more than 255 octets')
  }
}

function check(isRight, complaint) {
  if (!isRight) throw new Error(complaint)
}
