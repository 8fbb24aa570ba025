// What the settings of data mean: the plan of what a table is made of.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type PlanSettings, planOf } from '../../src/app/data-sources.ts'
import { loadSettings } from '../../src/config/load.ts'
import type { Settings } from '../../src/config/setting-values.ts'
import { fetchedParts } from '../../src/data/sources/plan.ts'
import { temporaryFolder } from '../support/folders.ts'

const folder = temporaryFolder()

function settingsOf(yaml: string): Settings {
  const configFile = join(folder, 'asnzone.yaml')
  writeFileSync(configFile, yaml)
  return loadSettings({ configFile })
}

const FULL = `
refresh: 1d
sources:
  - what: override
    format: overrides
    from: ours.csv
  - { what: asn, format: pfx2as, from: "https://example.net/a/rv2.pfx2as.gz", refresh: 12h, licence: mine }
  - what: asn
    format: ip-location-db
    from: [npm:@ip-location-db/asn/asn-ipv4.csv, http://example.net/b/six.csv]
    checksum: https://example.net/{file}.sha256
    attribution: them
feed: none
`

describe('a plan', () => {
  test('keeps the order, and fills in what was not said', () => {
    expect(planOf(settingsOf(FULL))).toEqual({
      sources: [
        {
          dataset: 'override',
          format: 'overrides',
          from: ['ours.csv'],
          refresh: 86_400_000,
          checksum: null,
          licence: 'own',
          attribution: 'local',
        },
        {
          dataset: 'asn',
          format: 'pfx2as',
          from: ['https://example.net/a/rv2.pfx2as.gz'],
          refresh: 43_200_000,
          checksum: null,
          licence: 'mine',
          attribution: 'CAIDA',
        },
        {
          dataset: 'asn',
          format: 'ip-location-db',
          from: ['npm:@ip-location-db/asn/asn-ipv4.csv', 'http://example.net/b/six.csv'],
          refresh: 86_400_000,
          checksum: 'https://example.net/{file}.sha256',
          licence: 'unknown licence',
          attribution: 'them',
        },
      ],
      feed: [],
      embedded: false,
    })
  })

  test('is the feed of ip-location-db unless told otherwise, never refreshed by itself', () => {
    const { sources, feed, embedded } = planOf(settingsOf(''))
    const url = 'https://github.com/sapics/ip-location-db/releases/download'
    expect(sources).toEqual([])
    expect(embedded).toBe(true)
    expect(feed).toMatchObject([
      {
        dataset: 'asn',
        from: [`${url}/latest/origin-asn-ipv4.csv`, `${url}/latest/origin-asn-ipv6.csv`],
        checksum: `${url}/checksum/{file}.sha256`,
        refresh: null,
        licence: 'PDDL-1.0',
      },
      {
        dataset: 'country',
        from: [`${url}/latest/user-country-ipv4.csv`, `${url}/latest/user-country-ipv6.csv`],
      },
    ])
  })

  test('takes the feed from a mirror', () => {
    const { feed } = planOf(settingsOf('feed-url: https://mirror.example/db/\nrefresh: 2w\n'))
    expect(feed[0]).toMatchObject({
      from: [expect.stringMatching(/^https:\/\/mirror\.example\/db\/latest\/origin/), expect.anything()],
      refresh: 1_209_600_000,
    })
  })

  test('fetches each URL once', () => {
    const url = 'https://example.net/x.tsv'
    const plan = planOf(
      settingsOf(
        `feed: none\nsources:\n  - {what: asn, format: iptoasn, from: '${url}'}\n  - {what: country, format: iptoasn, from: '${url}'}\n  - {what: override, format: overrides, from: a.csv}\n`,
      ),
    )
    expect(fetchedParts(plan).map((part) => part.url)).toEqual([url])
  })
})

test('a plan needs no more settings than it says', () => {
  const settings: PlanSettings = { sources: [], feed: 'embedded', feedUrl: 'https://x/' }
  expect(planOf(settings)).toEqual({ sources: [], feed: [], embedded: true })
})
