// Changes to the octets of a message: what a line, a middlebox and an attacker do.

/** @typedef {import('./random.js').Random} Random */
/** @typedef {(octets: number[], random: Random, other: () => number[]) => number[]} Mutation */

const INTERESTING = [0, 1, 2, 11, 12, 13, 41, 63, 64, 65, 127, 128, 191, 192, 193, 250, 254, 255]

/** The most octets that a message may grow to by mutations. */
const MAX_OCTETS = 4000

/** A place in a message, more often than not in its header or question. */
const place = (octets, random) =>
  random.below(1 + (random.onceIn(2) ? octets.length : Math.min(60, octets.length)))

/** @type {readonly Mutation[]} */
const MUTATIONS = [
  function flipBit(octets, random) {
    const at = place(octets, random)
    if (at < octets.length) octets[at] ^= 1 << random.below(8)
    return octets
  },
  function setOctet(octets, random) {
    const at = place(octets, random)
    if (at < octets.length) octets[at] = random.onceIn(2) ? random.below(256) : random.of(INTERESTING)
    return octets
  },
  function truncate(octets, random) {
    return octets.slice(0, place(octets, random))
  },
  function insert(octets, random) {
    octets.splice(place(octets, random), 0, ...random.octets(1 + random.below(20)))
    return octets
  },
  function remove(octets, random) {
    octets.splice(place(octets, random), 1 + random.below(20))
    return octets
  },
  function repeat(octets, random) {
    const from = place(octets, random)
    octets.splice(place(octets, random), 0, ...octets.slice(from, from + 1 + random.below(60)))
    return octets
  },
  function splice(octets, random, other) {
    const tail = other()
    return [...octets.slice(0, place(octets, random)), ...tail.slice(place(tail, random))]
  },
  function changeCount(octets, random) {
    const at = random.of([4, 6, 8, 10])
    octets[at] = random.onceIn(4) ? random.of(INTERESTING) : 0
    octets[at + 1] = random.of([0, 1, 2, 3, 255])
    return octets.map((octet) => octet ?? 0)
  },
  function insertPointer(octets, random) {
    octets.splice(
      place(octets, random),
      2,
      0xc0 | random.below(64),
      random.of([0, 12, 13, random.below(256)]),
    )
    return octets
  },
  function insertOption(octets, random) {
    const code = random.of([3, 8, 10, 11, 15])
    const length = random.of([0, 1, 7, 8, 15, 16, 24, 40, 41])
    octets.push(0, code, 0, random.onceIn(4) ? random.below(256) : length, ...random.octets(length))
    return octets
  },
  function changeWord(octets, random) {
    const at = place(octets, random)
    if (at + 1 < octets.length) {
      octets[at] = random.of([0, 0, 0, 255])
      octets[at + 1] = random.of(INTERESTING)
    }
    return octets
  },
]

/**
 * Changes a message in one to six ways.
 *
 * @param {number[]} octets
 * @param {Random} random
 * @param {() => number[]} other gives another message
 */
export function mutate(octets, random, other) {
  let mutated = octets
  const max = random.onceIn(2) ? 1 : 1 + random.below(6)
  for (let change = 0; change < max; change++) {
    mutated = random.of(MUTATIONS)(mutated, random, other)
    if (mutated.length > MAX_OCTETS) mutated = mutated.slice(0, MAX_OCTETS)
  }
  return mutated
}
