// Queries that are right, or wrong in ways that take a correct message around them.

/** @typedef {import('./random.js').Random} Random */

const TYPES = [1, 2, 6, 12, 16, 28, 41, 0, 249, 250, 251, 252, 253, 254, 255, 257, 65280, 65535]
const CLASSES = [3, 255, 254, 4, 0, 65535]
const SIZES = [0, 511, 512, 513, 1231, 1232, 1233, 4096, 65535]
const CHAOS_NAMES = [
  ['version', 'bind'],
  ['id', 'server'],
  ['hostname', 'bind'],
  ['version', 'server'],
]

const word = (value) => [(value >>> 8) & 255, value & 255]

/** What the names of queries are made from. */
export class Queries {
  #apexes
  #findAs
  #writeCookie

  /**
   * @param {object} parts
   * @param {readonly string[]} parts.apexes of all zones
   * @param {readonly number[]} parts.asNumbers
   * @param {(random: Random, cookie: Uint8Array) => void} parts.writeCookie makes a good server cookie behind the
   *   client cookie
   */
  constructor({ apexes, asNumbers, writeCookie }) {
    this.#apexes = apexes.map((apex) => apex.split('.'))
    this.#findAs = (random) => random.of(asNumbers)
    this.#writeCookie = writeCookie
  }

  /**
   * A query.
   *
   * @param {Random} random
   * @returns {number[]}
   */
  compose(random) {
    const isChaos = random.onceIn(15)
    const labels = isChaos ? random.of(CHAOS_NAMES) : this.#name(random)
    const name = labels.flatMap((label) => [label.length, ...Buffer.from(label, 'latin1')])
    if (random.onceIn(3)) changeCase(random, name)
    const type = random.onceIn(3) ? random.of(TYPES) : random.of([1, 16])
    const questionClass = isChaos ? 3 : random.onceIn(10) ? random.of(CLASSES) : 1
    const question = [...name, 0, ...word(type), ...word(questionClass)]
    const authorities = type === 251 && random.onceIn(2) ? [soaRecord()] : []
    const additionals = this.#additionals(random)
    const counts = [1, 0, authorities.length, additionals.length]
    const flags = random.onceIn(12) ? random.below(0x8000) : random.of([0, 0x0100])
    const records = [...authorities, ...additionals].flat()
    return [...word(random.below(65536)), ...word(flags), ...counts.flatMap(word), ...question, ...records]
  }

  #name(random) {
    const apex = random.onceIn(12) ? ['example', 'com'].slice(random.below(3)) : random.of(this.#apexes)
    switch (random.below(8)) {
      case 0:
        return apex
      case 1:
        return [`AS${random.onceIn(4) ? random.below(2 ** 32) : this.#findAs(random)}`, ...apex]
      case 2: {
        const nibbles = random.of([1, 2, 15, 16, 16, 17, 31, 32, 32, 33])
        return [...Array.from({ length: nibbles }, () => random.below(16).toString(16)), ...apex]
      }
      case 3:
        return [...Array.from({ length: random.below(6) }, () => String(random.below(300))), ...apex]
      case 4: {
        const label = String.fromCharCode(...random.octets(1 + random.below(63)))
        return [label, ...apex]
      }
      case 5:
        return ['2', '0', '0', '127', ...apex]
      default:
        return [...Array.from({ length: 4 }, () => String(random.below(256))), ...apex]
    }
  }

  #additionals(random) {
    const records = []
    if (!random.onceIn(3)) records.push(this.#opt(random))
    if (random.onceIn(40)) records.push(this.#opt(random))
    if (random.onceIn(20)) records.push(soaRecord())
    if (random.onceIn(12)) records.push(tsigRecord(random))
    return records
  }

  #opt(random) {
    const options = Array.from({ length: random.below(4) }, () => this.#option(random)).flat()
    const version = random.onceIn(15) ? random.of([1, 2, 255]) : 0
    const flags = random.onceIn(4) ? random.below(65536) : random.of([0, 0x8000])
    return [
      0,
      ...word(41),
      ...word(random.of(SIZES)),
      0,
      version,
      ...word(flags),
      ...word(options.length),
      ...options,
    ]
  }

  #option(random) {
    const [code, data] = this.#optionParts(random)
    return [...word(code), ...word(data.length), ...data]
  }

  #optionParts(random) {
    switch (random.below(7)) {
      case 0:
        return [3, random.onceIn(4) ? random.octets(random.below(9)) : []]
      case 1:
        return [8, clientSubnet(random)]
      case 2:
        return [10, random.octets(random.of([8, 8, 8, 16, 24, 32, 40]))]
      case 3: {
        const cookie = random.octets(24)
        this.#writeCookie(random, cookie)
        return [10, cookie]
      }
      case 4:
        return [11, random.onceIn(4) ? [0, 1] : []]
      case 5:
        return [12, new Uint8Array(random.below(200))]
      default:
        return [random.below(65536), random.octets(random.below(20))]
    }
  }
}

function clientSubnet(random) {
  const family = random.of([1, 1, 1, 2, 2, 2, 0, 3])
  const prefix = random.onceIn(10) ? random.below(256) : random.below(family === 1 ? 33 : 129)
  const address = random.octets((prefix + 7) >> 3)
  if ((prefix & 7) !== 0 && !random.onceIn(5)) address[address.length - 1] &= 0xff << (8 - (prefix & 7))
  return [...word(family), prefix, random.onceIn(8) ? 24 : 0, ...address]
}

function soaRecord() {
  return [0xc0, 12, ...word(6), ...word(1), 0, 0, 0, 0, ...word(22), ...new Array(22).fill(0)]
}

function tsigRecord(random) {
  const names = () => {
    const labels = Array.from({ length: random.below(4) }, () => {
      const length = 1 + random.below(random.onceIn(4) ? 63 : 12)
      return [length, ...new Array(length).fill(0x61)]
    })
    return random.onceIn(10) ? [0xc0, 12] : [...labels.flat(), 0]
  }
  const mac = random.octets(random.of([0, 16, 32, 64]))
  const other = random.octets(random.of([0, 0, 0, 6]))
  const fixed = [
    ...random.octets(8),
    ...word(mac.length),
    ...mac,
    ...random.octets(4),
    ...word(other.length),
    ...other,
  ]
  const rdata = [...names(), ...fixed]
  return [...names(), ...word(250), ...word(255), 0, 0, 0, 0, ...word(rdata.length), ...rdata]
}

/** 0x20: letters in random case. */
function changeCase(random, octets) {
  for (let i = 0; i < octets.length; i++) {
    const isLetter = (octets[i] | 0x20) >= 0x61 && (octets[i] | 0x20) <= 0x7a
    if (isLetter && random.onceIn(2)) octets[i] ^= 0x20
  }
}
