// asnzone probe: asks the server of this config about one of its zones, for health checks.

import type { Command } from 'commander'
import { isWithoutDns } from '../app/listen.ts'
import { proxiesOf } from '../app/treatment.ts'
import type { Settings } from '../config/setting-values.ts'
import { readZoneDefinitions } from '../config/zone-files.ts'
import { AccessList } from '../dns/access-list.ts'
import { rcodeName } from '../dns/names.ts'
import { RCODE } from '../dns/protocol.ts'
import { AsnzoneError } from '../errors.ts'
import { complain, print } from '../print.ts'
import { formatListenAddress, ownHost, parseListenEntry } from '../system/listen-address.ts'
import type { ZoneDefinition } from '../zones/definition.ts'
import { askServer } from './ask-server.ts'
import { addSettingOptions, isGiven, readSettings, settingsOf } from './options.ts'

const TIMEOUT_MS = 2000

type ProbeOptions = Readonly<Record<string, unknown>>

/** The settings that tell where the server is and what to ask it. */
const ASKED_BY = ['listen', 'proxy-protocol', 'domain', 'zones', 'disable'] as const

/** What is asked about where nobody can tell what is served: a server of asnzone refuses to tell of it. */
const ROOT = '.'

/** Adds the command. */
export function addProbe(program: Command): void {
  const command = program
    .command('probe')
    .summary('check that the server answers, for health checks')
    .description(
      'Asks the server of this config for the SOA record of its first zone over UDP, and prints one line. It is enough that one of several listen addresses answers.',
    )
    .addHelpText(
      'after',
      `
Exits with 0 when the server answers, with 1 when it doesn't or when it answers something else. The address it asks
from must be in allow; where it is one of proxy-protocol, it says so. A mistake elsewhere in the config, or in a zone
file, is told, but says nothing of a server that runs: it goes on with what it has read. With --listen no config is
needed: where it can't be used, it is enough that the server refuses to tell of the root.

Examples:
  asnzone probe
  asnzone probe --config /etc/asnzone/asnzone.yaml
  asnzone probe --listen 192.0.2.53:53`,
    )
  addSettingOptions(command, ASKED_BY).action(async (options) => {
    const settings = whereToAsk(options)
    if (isWithoutDns(settings)) throw new AsnzoneError('ASNZONE_QUERY', 'listen is none: DNS is not answered')
    const apex = settings.isBare ? ROOT : firstApex(settings)
    const networks = proxiesOf(settings)
    const proxies = networks === null ? null : new AccessList(networks)
    const reasons: string[] = []
    for (const address of settings.listen.flatMap(reachable)) {
      const started = performance.now()
      const reason = await faultOf(address, apex, proxies)
      if (reason === null) {
        const about = apex === ROOT ? '' : ` for ${apex}`
        print(`ok: ${address} answers${about} in ${Math.ceil(performance.now() - started)} ms`)
        return
      }
      reasons.push(`${address} ${reason}`)
    }
    throw new AsnzoneError('ASNZONE_QUERY', reasons.join('; '))
  })
}

/** The settings; `isBare` where listen is given without a config that could be used, and nothing else is known of the server. */
function whereToAsk(options: ProbeOptions): Settings & { readonly isBare: boolean } {
  try {
    return { ...settingsOf(options, { needsData: false, suffices: ASKED_BY }), isBare: false }
  } catch (error) {
    if (!(error instanceof AsnzoneError) || !isGiven(options, 'listen')) throw error
    const settings = readSettings(options, null, ASKED_BY)
    complain(`asnzone: ${error.message}`, 'error')
    return { ...settings, isBare: !isGiven(options, 'domain') }
  }
}

/** What is wrong with the reply of a server, null when nothing is. */
async function faultOf(server: string, apex: string, proxies: AccessList | null): Promise<string | null> {
  try {
    const { rcode, answers } = await askServer(server, apex, 'SOA', TIMEOUT_MS, proxies)
    if (apex === ROOT && rcode === RCODE.refused) return null
    if (apex === ROOT) return `tells of the root (${rcodeName(rcode)}), which asnzone refuses`
    if (rcode !== 0) return `replies ${rcodeName(rcode)} for ${apex}`
    return answers.some(({ serial }) => serial !== undefined) ? null : `has no SOA record for ${apex}`
  } catch (error) {
    return `does not reply: ${(error as Error).message}`
  }
}

/** The presets that are left; none where what is disabled may be a zone of a file that can't be read. */
function presetsWithout(disable: readonly string[]): readonly ZoneDefinition[] {
  try {
    return readZoneDefinitions(undefined, disable)
  } catch {
    return []
  }
}

/**
 * A zone that is served: a domain's own comes first. Where zone files can't be read, which is told, it is one of the presets,
 * or the root.
 */
function firstApex({ zones, disable, domain }: Settings): string {
  let definitions: readonly ZoneDefinition[]
  try {
    definitions = readZoneDefinitions(zones, disable)
  } catch (error) {
    if (!(error instanceof AsnzoneError) || zones === undefined) throw error
    complain(`asnzone: ${error.message}`, 'error')
    definitions = presetsWithout(disable)
    if (definitions.length === 0) return ROOT
  }
  const [first] = definitions
  if (first === undefined) throw new AsnzoneError('ASNZONE_CONFIG', 'disable: no zone is left to be served')
  return first.apex[0].replace('{domain}', domain).replace('{cc}', 'us')
}

/** The addresses of an entry of `listen`, wildcards by loopback. */
function reachable(entry: string): string[] {
  return parseListenEntry(entry).map((address) =>
    formatListenAddress({ ...address, host: ownHost(address.host) }),
  )
}
