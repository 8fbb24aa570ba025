// The room that a reply needs: the sum of the parts that the longest one is made of.

import { MAX_ANSWER_OCTETS, WORD_OVERRUN } from '../zones/limits.ts'
import { MAX_NAME } from '../zones/wire-name.ts'
import { Client } from './client.ts'
import { Opt } from './edns/opt.ts'
import { Now } from './now.ts'
import { HEADER_LENGTH } from './protocol.ts'
import { RECORD_HEADER } from './reply.ts'
import { OPEN_POLICY } from './treatment.ts'
import { MAX_TSIG_OCTETS } from './tsig.ts'

/** Type and class. */
const AFTER_NAME = 4

/** The OPT record with every option there is. */
const MAX_OPT_OCTETS = new Opt(OPEN_POLICY, new Client(), new Now()).maxLength

/** SOA: two names and five numbers (RFC 1035 3.3.13). */
const MAX_SOA_OCTETS = 2 * MAX_NAME + 20

/**
 * The most octets of a reply. It has the records of an answer, or an SOA that says that there is none, or a TSIG record
 * and no other.
 */
export const MAX_REPLY =
  HEADER_LENGTH +
  MAX_NAME +
  AFTER_NAME +
  Math.max(RECORD_HEADER + MAX_ANSWER_OCTETS, RECORD_HEADER + MAX_SOA_OCTETS, MAX_TSIG_OCTETS) +
  MAX_OPT_OCTETS

/**
 * Octets that `respond` needs from a packet's start on, so that every reply fits, and what is written after it by those
 * who write a word at a time: the next power of two.
 */
export const REPLY_CAPACITY = 2 ** Math.ceil(Math.log2(MAX_REPLY + WORD_OVERRUN))
