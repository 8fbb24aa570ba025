// Writes small MaxMind DB files, as the format's specification draws them.

import { parseCidr } from '../../src/table/cidr-text.ts'

/** A network and its record. */
export type Network = readonly [cidr: string, record: Readonly<Record<string, unknown>>]

/** How the file is written. */
export interface MmdbOptions {
  readonly recordSize?: 24 | 28 | 32
  readonly ipVersion?: 4 | 6
  readonly type?: string
  /** Prefixes of a file for both families that lead to its IPv4 addresses a second time. */
  readonly aliases?: readonly string[]
  /** More of what the file says of itself. */
  readonly metadata?: Readonly<Record<string, unknown>>
}

type Node = [Child, Child]
type Child = Node | number | null

/** A file with these networks; none may lie in another. */
export function writeMmdb(networks: readonly Network[], options: MmdbOptions = {}): Buffer {
  const { recordSize = 24, ipVersion = 6, type = 'test', aliases = [] } = options
  const root: Node = [null, null]
  const data: Buffer[] = []
  let dataLength = 0
  for (const [cidr, record] of networks) {
    insert(root, bitsOf(cidr, ipVersion), dataLength)
    const bytes = encode(record)
    data.push(bytes)
    dataLength += bytes.length
  }
  for (const alias of aliases) insert(root, bitsOf(alias, ipVersion), childAt(root, '0'.repeat(96)))
  const nodes: Node[] = []
  const numbers = new Map<Node, number>()
  const number = (node: Node): void => {
    if (numbers.has(node)) return
    numbers.set(node, nodes.push(node) - 1)
    for (const child of node) if (Array.isArray(child)) number(child)
  }
  number(root)
  const recordOf = (child: Child): number => {
    if (child === null) return nodes.length
    return Array.isArray(child) ? (numbers.get(child) ?? 0) : nodes.length + 16 + child
  }
  const tree = nodes.map(([left, right]) => writeNode(recordOf(left), recordOf(right), recordSize))
  const metadata = {
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_790_000_000,
    database_type: type,
    description: {},
    ip_version: ipVersion,
    languages: [],
    node_count: nodes.length,
    record_size: recordSize,
  }
  // The given ones come first, and stay when they are ours too.
  const told = { ...options.metadata, ...metadata, ...options.metadata }
  const marker = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')
  return Buffer.concat([...tree, Buffer.alloc(16), ...data, marker, encode(told)])
}

function bitsOf(cidr: string, ipVersion: 4 | 6): string {
  const { family, start, length } = parseCidr(cidr)
  const bits = [...start].map((word) => word.toString(2).padStart(32, '0')).join('')
  return (family === 4 && ipVersion === 6 ? '0'.repeat(96) : '') + bits.slice(0, length)
}

function insert(root: Node, bits: string, value: Child): void {
  let node = root
  for (const bit of bits.slice(0, -1)) {
    const side = Number(bit) as 0 | 1
    if (!Array.isArray(node[side])) node[side] = [null, null]
    node = node[side] as Node
  }
  node[Number(bits.at(-1)) as 0 | 1] = value
}

function childAt(root: Node, bits: string): Child {
  let child: Child = root
  for (const bit of bits) child = Array.isArray(child) ? child[Number(bit) as 0 | 1] : null
  return child
}

function writeNode(left: number, right: number, recordSize: 24 | 28 | 32): Buffer {
  const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0')
  if (recordSize !== 28) return Buffer.from(hex(left, recordSize / 4) + hex(right, recordSize / 4), 'hex')
  const [l, r] = [hex(left, 7), hex(right, 7)]
  return Buffer.from(l.slice(1) + l[0] + r[0] + r.slice(1), 'hex')
}

/** Text, whole numbers of 32 bits, other numbers as doubles, lists and maps; a buffer is what it is. */
export function encode(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value
  if (typeof value === 'string')
    return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)])
  if (Array.isArray(value)) return Buffer.concat([control(11, value.length), ...value.map(encode)])
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
    return Buffer.concat([control(7, entries.length), ...entries.flat().map(encode)])
  }
  const number = Number(value)
  if (Number.isInteger(number) && number >= 0) {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(number)
    return Buffer.concat([control(6, 4), bytes])
  }
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(number)
  return Buffer.concat([control(3, 8), bytes])
}

/** Octets that nobody looks into, but to which a pointer may lead. */
export function encodeOctets(bytes: Buffer): Buffer {
  return Buffer.concat([control(4, bytes.length), bytes])
}

/** A pointer of four octets to an offset behind the search tree. */
export function pointerTo(offset: number): Buffer {
  const bytes = Buffer.from([0x38, 0, 0, 0, 0])
  bytes.writeUInt32BE(offset, 1)
  return bytes
}

function control(type: number, size: number): Buffer {
  const [small, more] =
    size < 29 ? [size, []] : size < 285 ? [29, [size - 29]] : [30, [(size - 285) >> 8, (size - 285) & 255]]
  return Buffer.from([...(type < 8 ? [(type << 5) | small] : [small, type - 7]), ...more])
}
