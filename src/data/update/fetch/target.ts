// Where an address leads to: out into the Internet, or to where only this host or its network should get.

import { BlockList, isIP, isIPv6 } from 'node:net'

/** The kinds of targets that a redirection may not choose by itself. */
export type TargetKind = 'public' | 'private' | 'link-local' | 'loopback'

type Network = readonly [network: string, length: number]

/** IANA's special-purpose registries (RFC 6890) as far as something may listen there. */
const NETWORKS: Readonly<Record<Exclude<TargetKind, 'public'>, readonly Network[]>> = {
  // 0.0.0.0 and :: are this host, too, for connect.
  loopback: [
    ['127.0.0.0', 8],
    ['0.0.0.0', 8],
    ['::', 127],
  ],
  'link-local': [
    ['169.254.0.0', 16],
    ['fe80::', 10],
  ],
  private: [
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['224.0.0.0', 3],
    ['64:ff9b:1::', 48],
    ['fc00::', 7],
    ['fec0::', 10],
    ['ff00::', 8],
  ],
}

const LISTS = Object.entries(NETWORKS).map(([kind, networks]) => {
  const list = new BlockList()
  for (const [network, length] of networks) {
    list.addSubnet(network, length, isIPv6(network) ? 'ipv6' : 'ipv4')
  }
  return { kind: kind as TargetKind, list }
})

/** What kind of target an address is; one that has an IPv4 address in it is what that is. */
export function kindOfTarget(address: string): TargetKind {
  const bare = address.replace(/%.*$/, '')
  const inner = isIPv6(bare) ? embeddedIpv4(bare) : bare
  const kindOf = (one: string): TargetKind => {
    const family = isIPv6(one) ? 'ipv6' : 'ipv4'
    return LISTS.find(({ list }) => list.check(one, family))?.kind ?? 'public'
  }
  const outer = kindOf(bare)
  return outer !== 'public' || inner === null ? outer : kindOf(inner)
}

/** Whether a redirection may lead to such a target when the first URL led to one of the kind `first`. */
export function mayLeadTo(kind: TargetKind, first: TargetKind): boolean {
  return kind === 'public' || kind === first || (kind === 'private' && first !== 'public')
}

/** The IPv4 address in a mapped (::ffff:0:0/96), translated (RFC 6052) or 6to4 (RFC 3056) address; null in others. */
function embeddedIpv4(address: string): string | null {
  // As a host of a URL it is compressed and in hexadecimal.
  const [head, tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = [...front, ...Array<string>(8 - front.length - back.length).fill('0'), ...back].map(
    (group) => Number.parseInt(group, 16),
  )
  const dotted = (at: number): string =>
    [groups[at] >>> 8, groups[at] & 255, groups[at + 1] >>> 8, groups[at + 1] & 255].join('.')
  const isPrefix = (...prefix: number[]): boolean => prefix.every((group, i) => groups[i] === group)
  if (isPrefix(0, 0, 0, 0, 0, 0xffff) || isPrefix(0x64, 0xff9b, 0, 0, 0, 0)) return dotted(6)
  return groups[0] === 0x2002 ? dotted(1) : null
}

/** The host of a URL without the brackets that an IPv6 address has there. */
export const withoutBrackets = (hostname: string): string => hostname.replace(/^\[|\]$/g, '')

/** Whether a host of a URL is this one, as far as its name tells. */
export function isLoopbackName(hostname: string): boolean {
  const bare = withoutBrackets(hostname)
  return bare === 'localhost' || (isIP(bare) !== 0 && kindOfTarget(bare) === 'loopback')
}
