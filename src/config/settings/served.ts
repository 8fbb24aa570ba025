// What is served: on which addresses, to whom, and which zones.

import { z } from 'zod'
import { parseListenEntry } from '../../system/listen-address.ts'
import { domainName, list, networks, portAlone, readBy, text } from './kinds-of-value.ts'
import type { SettingRows } from './setting.ts'

/** What `listen` is where DNS is not answered. */
const NO_DNS = 'none'

/** The same as a filled list, with a mend for a lone port. */
const listenList = z.union([text.transform((one) => [one]), z.array(text).min(1)], {
  error: (issue) => (portAlone(issue.input) === null ? '' : `an address${portAlone(issue.input)}`),
})

/** What is served, in the order of the manual. */
export const SERVED_SETTINGS = {
  listen: {
    change: 'restart',
    kind: 'list',
    help: 'addresses to answer on, UDP and TCP, port 5300 unless given; *:5300 for all of the host; none for no DNS',
    placeholder: 'ADDR:PORT',
    schema: listenList
      .pipe(z.array(readBy((entry) => (entry === NO_DNS ? [] : parseListenEntry(entry)))))
      .default(['127.0.0.1:5300', '[::1]:5300']),
  },
  allow: {
    change: 'live',
    kind: 'list',
    help: 'networks that are answered; 0.0.0.0/0 and ::/0 for everyone',
    placeholder: 'CIDR',
    schema: networks.default(['127.0.0.0/8', '::1']),
  },
  deny: {
    change: 'live',
    kind: 'text',
    help: 'what other clients get: refuse (REFUSED) or drop (no reply)',
    placeholder: 'HOW',
    schema: z.enum(['refuse', 'drop']).default('refuse'),
  },
  'proxy-protocol': {
    change: 'restart',
    kind: 'list',
    help: 'networks of proxies such as dnsdist, which must tell by the PROXY protocol who asks',
    placeholder: 'CIDR',
    schema: networks.default([]),
  },
  domain: {
    change: 'live',
    kind: 'text',
    help: "the domain above asnzone's own zones",
    placeholder: 'NAME',
    schema: domainName.default('asnzone.internal'),
  },
  zones: {
    change: 'live',
    kind: 'text',
    help: 'a directory with zone files of your own, read after the presets',
    placeholder: 'DIR',
    schema: text.optional(),
  },
  disable: {
    change: 'live',
    kind: 'list',
    help: 'presets or single zones that are not served, such as nerd-dk',
    placeholder: 'ZONE',
    schema: list.default([]),
  },
} as const satisfies SettingRows
