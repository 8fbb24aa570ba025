// The pages in Chromium: what they show, on a phone and on a desk, in light and in dark, with a keyboard, and what
// axe finds in them. Without Chromium they are skipped by name, but in CI, which installs it.

import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outcomeNames } from '../../src/dns/outcome.ts'
import type { OpenStatistics } from '../../src/http/statistics.ts'
import { Excluded } from '../../src/learn/excluded.ts'
import { Learner } from '../../src/learn/learner.ts'
import { LearnState } from '../../src/learn/state.ts'
import { STATE_FILE } from '../../src/learn/state-file.ts'
import {
  inspect,
  isBrowserMissing,
  launchBrowser,
  openPage,
  overhang,
  SKIPPED,
  servePages,
  VIEWS,
  type View,
} from '../support/browser.ts'
import { temporaryFolder } from '../support/folders.ts'
import type { HttpServer } from '../support/http-server.ts'
import { query } from '../support/message.ts'
import { type FakeServer, fakeServer } from '../support/running.ts'
import { type Row, smallTable } from '../support/small-table.ts'
import { tableOf } from '../support/table-of-rows.ts'
import { respond } from '../support/transports.ts'
import { until } from '../support/until.ts'

/** A name as an enemy would choose it. */
const HOSTILE = '<img src=x onerror=alert(1)>'

const ROWS: readonly Row[] = [
  { cidr: '8.8.8.0/24', asn: 15169, name: 'Google LLC', country: 'US', registry: 'arin' },
  { cidr: '9.9.9.0/24', asn: 64500, name: HOSTILE, country: 'DE' },
]

const REFUSED = {
  client: '192.0.2.66',
  outcome: 'refused',
  asked: `${HOSTILE} TXT`,
  at: '2026-11-20T06:00:00.000Z',
  queries: 12,
}

const COUNTRIES = [
  { interval: 'total', country: 'US', counter: 9000 },
  { interval: 'total', country: 'DE', counter: 900 },
  { interval: 'total', country: '--', counter: 90 },
  { interval: 'total', country: 'SG', counter: 9 },
]

const openStatistics: OpenStatistics = () => ({
  countries: () => COUNTRIES,
  ases: () => [
    { interval: 'total', asn: 15169, name: 'Google LLC', counter: 5000 },
    { interval: 'total', asn: 64500, name: HOSTILE, counter: 4000 },
    { interval: 'total', asn: 0, name: '', counter: 999 },
  ],
  intervals: () =>
    ['2025', '2026', '2026-10', '2026-11', '2026-11-20', '2026-11-21', '2026-11-22', 'total'].map(
      (interval, i) => ({ interval, counter: 1000 + i }),
    ),
  shareOf: () => ({ queries: 5000, of: 9999 }),
  close: () => {},
})

/** A state that has learned of both ASes, one good and one bad, now. */
function learnedSource() {
  const source = {
    file: join(temporaryFolder(), STATE_FILE),
    halfLife: 60 * 86_400,
    exclude: { asns: [], networks: [] },
  }
  const state = new LearnState(source.file, source)
  const settings = {
    halfLife: source.halfLife,
    quota: 1000,
    excluded: new Excluded(),
    trusted: [],
    keep: false,
  }
  const table = smallTable(ROWS)
  const time = Math.floor(Date.now() / 1000)
  const learner = new Learner(
    state,
    () => table,
    settings,
    () => time,
  )
  learner.learn(
    Array.from({ length: 40 }, (_, host) => ({
      address: host % 4 === 0 ? `8.8.8.${host}` : `9.9.9.${host}`,
      time,
      spam: host % 4 > 0,
      weight: 1,
      undoes: false,
      reporter: 'mx',
    })),
  )
  state.close()
  return source
}

/** Every page but that of the policy service, whose test is test/server/policy/page.test.ts. */
const PATHS = [
  '/',
  '/lookup',
  '/lookup?q=8.8.8.8',
  '/lookup?q=10.1.2.3',
  '/lookup?q=8.0.0.0/7',
  '/statistics',
  '/as/64500',
  '/country/US',
]

/** Of them, those with a map. */
const WITH_MAP = /q=[^/]*$|statistics|as|country/

describe.skipIf(isBrowserMissing)(`the pages${SKIPPED}`, () => {
  let browser: Browser
  let server: FakeServer
  let pages: HttpServer
  let url: string
  const begun: string[] = []

  beforeAll(async () => {
    browser = await launchBrowser()
    server = fakeServer({
      openStatistics,
      learned: learnedSource(),
      originPoint: { latitude: 52.52, longitude: 13.4 },
      refused: { every: 1, clients: [REFUSED] },
      upkeep: {
        update: async () => begun.push('update') > 0,
        reload: async () => {
          begun.push('reload')
          const at = '2026-11-20T07:00:00.000Z'
          const last = {
            at,
            trigger: 'POST /api/reload',
            kind: 'unchanged',
            reason: null,
            milliseconds: 5,
          } as const
          Object.assign(server.running.reloader, { last: { ...last, changed: ['here'], restart: [] } })
        },
      },
    })
    server.replace(smallTable(ROWS))
    for (let i = 0; i < 7; i++) respond(server.responder, query('8.8.8.8.geo.asnzone.internal'), 'udp')
    respond(server.responder, query('example.com'), 'udp')
    pages = await servePages(server.running)
    url = pages.url
  })
  afterAll(async () => {
    await browser?.close()
    await pages?.close()
  })

  const open = (path: string, view?: View) => openPage(browser, url, path, view)

  const textOf = (page: Page, selector: string) => page.locator(selector).innerText()

  describe.each(VIEWS)('on $name', (view) => {
    test.each(PATHS)('%s has no serious finding, fits, and asks nobody else', async (path) => {
      const { page, wrong, close } = await open(path, view)
      if (WITH_MAP.test(path)) await page.locator('#map svg').waitFor()
      else if (path === '/') await page.locator('#live canvas').waitFor()
      const { findings, passes } = await inspect(page)
      expect(findings).toEqual([])
      expect(passes).toBeGreaterThan(15)
      expect(await overhang(page)).toBeLessThanOrEqual(0)
      expect(wrong).toEqual([])
      await close()
    })
  })

  test.each([320, 640])(
    'every page fits %d pixels, as a desk has zoomed in, and has nothing cut',
    async (width) => {
      for (const path of [...PATHS, '/policy']) {
        const { page, close } = await open(path, {
          name: 'a desk, dark',
          width,
          height: 450,
          colorScheme: 'dark',
        })
        expect([path, await overhang(page)]).toEqual([
          path,
          expect.toSatisfy((pixels: number) => pixels <= 0),
        ])
        await close()
      }
    },
  )

  test.each([...PATHS, '/policy'])('%s: the Tab key reaches all that can be used', async (path) => {
    // No table is filled anew meanwhile: focus in it would be lost.
    const { page, close } = await openPage(browser, url, path, undefined, (fresh) =>
      fresh.addInitScript(`
        const wait = window.setTimeout
        window.setTimeout = (task, after, ...rest) => (after < 10000 ? wait(task, after, ...rest) : 0)`),
    )
    if (WITH_MAP.test(path)) await page.locator('#map svg').waitFor()
    // What a radio button has beside it is reached by arrows; what is folded is not there.
    const missed = await page.evaluate(`(async () => {
      const usable = [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
        .filter((it) => it.checkVisibility() && !it.matches('input[type=radio]:not(:checked)'))
      for (const it of usable) it.dataset.missed = ''
      addEventListener('focusin', ({ target }) => delete target.dataset.missed)
      document.activeElement.blur()
      return usable.length
    })()`)
    for (let i = 0; i < Number(missed) + 3; i++) await page.keyboard.press('Tab')
    const left = await page.locator('[data-missed]').evaluateAll((all) => all.map((it) => it.outerHTML))
    expect(left).toEqual([])
    await close()
  })

  describe('keys', () => {
    test('lead to pages and to the field', async () => {
      const { page, wrong, close } = await open('/')
      // The second key has to follow soon, which a busy machine may miss.
      await until(async () => {
        await page.keyboard.press('g')
        await page.keyboard.press('t')
        return page.url() === `${url}/statistics`
      })
      await page.locator('#credits', { hasText: 'Data: ' }).waitFor()
      await page.keyboard.press('/')
      await page.waitForURL('**/lookup')
      await page.locator('#q:focus').waitFor()
      // In a field they are letters.
      await page.keyboard.type('g s/?')
      expect(await page.locator('#q').inputValue()).toBe('g s/?')
      await page.locator('#main').focus()
      await page.keyboard.press('/')
      expect(await page.evaluate('document.activeElement.id')).toBe('q')
      expect(wrong).toEqual([])
      await close()
    })

    test('are told in a dialog, and can be switched off', async () => {
      const { page, close } = await open('/')
      await page.keyboard.press('?')
      expect(await textOf(page, 'dialog')).toMatch(/g\s+s\s+Status/)
      expect((await inspect(page)).findings).toEqual([])
      await page.getByLabel('Use these keys').uncheck()
      await page.keyboard.press('Escape')
      expect(await page.locator('dialog').isVisible()).toBe(false)
      await page.keyboard.press('?')
      expect(await page.locator('dialog').isVisible()).toBe(false)
      await page.getByRole('button', { name: 'Keys' }).click()
      await page.getByLabel('Use these keys').check()
      await page.getByRole('button', { name: 'Close' }).click()
      await page.keyboard.press('?')
      expect(await page.locator('dialog').isVisible()).toBe(true)
      await close()
    })
  })

  test('the page that there is not has no serious finding', async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' })
    const page = await context.newPage()
    await page.goto(`${url}/nothing`)
    expect((await inspect(page)).findings).toEqual([])
    expect(await overhang(page)).toBeLessThanOrEqual(0)
    await context.close()
  })

  test('bars have one scale on all pages: the share of all', async () => {
    const shareOf = async (path: string) => {
      const { page, close } = await open(path)
      await page.locator('#countries .bar').first().waitFor()
      const share = await page
        .locator('#countries .bar')
        .first()
        .evaluate((bar) => bar.getAttribute('style'))
      await close()
      return share
    }
    expect(await shareOf('/')).toBe('--share: 0.9000900090009001;')
    expect(await shareOf('/statistics')).toBe('--share: 0.9000900090009001;')
  })

  test('the status page: figures, data, zones, and each second as it comes', async () => {
    const { page, close } = await open('/')
    expect(await textOf(page, '#queries')).toBe('8')
    expect(await textOf(page, '#answered')).toBe('87.5 %')
    expect(await textOf(page, '#outcomes')).toMatch(/answered\s+7\s+87\.5 %\s+refused\s+1\s+12\.5 %/)
    expect(await textOf(page, '#sources')).toMatch(/rows\.ts\s+asn\s+IPv4\s+1\s.*CC0-1\.0/)
    expect(await textOf(page, '#age')).toContain('asnzone update')
    expect(await textOf(page, '#zones')).toMatch(/geo\.asnzone\.internal\s+geo\s+IPv4, IPv6\s+7\s+7/)
    expect(await textOf(page, '#countries')).toMatch(/United States\s+9,000/)
    expect(await textOf(page, '#ases')).toContain(`AS64500 ${HOSTILE}`)
    await page.locator('#live canvas').waitFor()
    for (let i = 0; i < 50; i++) respond(server.responder, query('8.8.8.8.geo.asnzone.internal'), 'udp')
    await page.locator('#peak', { hasText: /at most (?!0 )/ }).waitFor()
    expect(await page.locator('#live').getAttribute('aria-label')).toMatch(/now, at most [\d.]+ in the last/)
    await close()
  })

  test('the status page: zones that nobody asks are folded, those that are asked come first', async () => {
    const { page, close } = await open('/')
    expect(await textOf(page, '#zones')).toMatch(/^Name.*\s+geo\.asnzone\.internal[\s\S]*no zone of these/)
    expect(await page.locator('#unasked-zones').isVisible()).toBe(false)
    await page.getByText(/^\d+ zones that nobody has asked yet$/).click()
    expect(await textOf(page, '#unasked-zones')).toContain('asn.rspamd.com')
    expect(await textOf(page, '#unasked-zones')).not.toContain('undefined')
    await close()
  })

  test('the status page: the chart shows five minutes, and no label twice', async () => {
    const drawn: string[] = []
    const { page, close } = await openPage(browser, url, '/', undefined, async (fresh) => {
      await fresh.exposeFunction('drawn', (text: string) => drawn.push(text))
      await fresh.addInitScript(`
        const fill = CanvasRenderingContext2D.prototype.fillText
        CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
          if (this.canvas.closest('#live') !== null) window.drawn(text)
          return fill.call(this, text, ...rest)
        }`)
    })
    await page.locator('#live canvas').waitFor()
    // What is drawn at once lies between two such events: each drawing has every label of its own once.
    await expect.poll(() => drawn.filter((text) => /^\d\d:\d\d$/.test(text)).length).toBeGreaterThanOrEqual(4)
    const times = drawn.filter((text) => text.includes(':')).slice(0, 5)
    expect(new Set(times.slice(0, 4)).size).toBe(4)
    expect(drawn.filter((text) => text !== '' && !/^(\d\d:\d\d|\d+)$/.test(text))).toEqual([])
    await close()
  })

  test('the status page: one minute alone is seen in the chart of outcomes, as wide as it is', async () => {
    const minute = [Date.UTC(2026, 10, 20, 6), 4, ...outcomeNames.slice(1).map(() => 0)]
    const { page, close } = await openPage(browser, url, '/', undefined, (fresh) =>
      fresh.route('**/api/outcomes', (route) =>
        route.fulfill({ json: { outcomes: outcomeNames, minutes: [minute] } }),
      ),
    )
    await page.locator('#minutes .u-legend', { hasText: /Time:?\s*\d\d:00:00/ }).waitFor()
    // What is green is of the lowest layer: answers.
    const columns = (): Promise<number> =>
      page.evaluate(`(() => {
        const canvas = document.querySelector('#minutes canvas')
        const row = canvas.getContext('2d').getImageData(0, Math.round(canvas.height / 2), canvas.width, 1).data
        let green = 0
        for (let i = 0; i < row.length; i += 4) if (row[i + 3] > 200 && row[i + 1] > row[i + 2] + 30) green++
        return green
      })()`)
    await expect.poll(columns).toBeGreaterThan(8)
    expect(await columns()).toBeLessThan(40)
    expect(await textOf(page, '#minutes')).toMatch(/Answered:?\s*4/)
    await close()
  })

  test('a phone: no two boxes of a page touch', async () => {
    for (const path of ['/statistics', '/policy']) {
      const { page, close } = await openPage(browser, url, path, VIEWS[2])
      const edges = await page.locator('.card:visible').evaluateAll((cards) =>
        cards.map((card) => {
          const { top, bottom } = card.getBoundingClientRect()
          return [top, bottom]
        }),
      )
      for (const [i, [top]] of edges.entries()) {
        if (i > 0) expect(top - (edges[i - 1]?.[1] ?? 0), `${path}, box ${i + 1}`).toBeGreaterThan(8)
      }
      await close()
    }
  })

  test('the status page: what was updated, the settings, and who was refused', async () => {
    const { page, close } = await open('/')
    expect(await textOf(page, '#upkeep')).toMatch(
      /Last update\s+2026-11-20 05:30 UTC: not all could be fetched/,
    )
    expect(await textOf(page, '#upkeep')).toMatch(/Next update\s+2026-11-21 05:30 UTC/)
    expect(await textOf(page, '#settings')).toMatch(
      /here\s+set; not shown here\s+\/etc\/asnzone\/asnzone\.yaml:3/,
    )
    expect(await textOf(page, '#refused')).toContain(HOSTILE)
    expect(await textOf(page, '#refused')).toMatch(/192\.0\.2\.66[\s\S]*refused\s+12\s+2026-11-20 06:00:00/)
    await close()
  })

  test('the status page: buttons begin an update and a reload, and say what came of it', async () => {
    const { page, wrong, close } = await open('/')
    await page.getByRole('button', { name: 'Update' }).click()
    await page.locator('#upkeep-said', { hasText: 'The update: not all could be fetched: gone.' }).waitFor()
    await page.getByRole('button', { name: 'Reload' }).focus()
    await page.keyboard.press('Enter')
    await page
      .locator('#upkeep-said', { hasText: 'The reload: the data is the same; new settings in force: here.' })
      .waitFor()
    expect(begun).toEqual(['update', 'reload'])
    expect(wrong).toEqual([])
    await close()
  })

  test('the status page: a reload that the server did not answer can be begun again', async () => {
    const { page, close } = await open('/')
    await page.route('**/api/status', (route) => route.abort())
    const reload = page.getByRole('button', { name: 'Reload' })
    await reload.click()
    await page.locator('#upkeep-said', { hasText: 'The server does not answer.' }).waitFor()
    await page.locator('#reload:not([aria-disabled])').waitFor()
    await page.unroute('**/api/status')
    await reload.click()
    await page.locator('#upkeep-said', { hasText: /^(Reads config and data again|The reload: )/ }).waitFor()
    await close()
  })

  test('the lookup page with a keyboard', async () => {
    const { page, wrong, close } = await open('/lookup')
    expect(await page.evaluate('document.activeElement.id')).toBe('q')
    await page.keyboard.type('8.8.8.8')
    await page.keyboard.press('Enter')
    await page.locator('#said', { hasText: '8.8.8.8, AS15169 Google LLC, in the United States' }).waitFor()
    expect(page.url()).toBe(`${url}/lookup?q=8.8.8.8`)
    expect(await textOf(page, '#facts')).toMatch(/Prefix\s+8\.8\.8\.0\/24/)
    expect(await page.locator('#map [data-country=US]').getAttribute('class')).toBe('q2')
    expect(await page.locator('#map .here').count()).toBe(1)
    expect(await page.locator('#questions code').first().isVisible()).toBe(false)
    await page.locator('#questions summary').first().focus()
    await page.keyboard.press('Enter')
    expect(await textOf(page, '#questions')).toContain(
      'dig @127.0.0.1 -p 5300 +short TXT 8.8.8.8.geo.asnzone.internal',
    )
    await page.goBack()
    await page.locator('#result').waitFor({ state: 'hidden' })
    expect(wrong).toEqual([])
    await close()
  })

  test('a distance to the point of a country is marked', async () => {
    const contents = '8.8.8.0,8.8.8.255,US\n'
    const originPoint = { latitude: 52.52, longitude: 13.4 }
    server.replace(
      await tableOf([{ dataset: 'country', format: 'ip-location-db', name: 'us.csv', contents }], {
        originPoint,
      }),
    )
    const { page, wrong, close } = await open('/lookup?q=8.8.8.8')
    await page.locator('#said', { hasText: 'about 7,391 kilometres away' }).waitFor()
    expect(await textOf(page, '#facts')).toMatch(/Distance\s+about 7,391 km, by the point of a country/)
    expect(await textOf(page, '#map-text')).toContain('It is about 7,391 km from here')
    server.replace(smallTable(ROWS))
    expect(wrong).toEqual([])
    await close()
  })

  test.each([
    ['AS64500', /^1 network, 256 addresses of IPv4, all in Germany$/],
    ['64500', /^1 network, 256 addresses of IPv4, all in Germany$/],
    ['64999', 'AS64999: nothing is known.'],
    ['us', '256 addresses of IPv4, by 1 AS'],
    ['10.1.2.3', '10.1.2.3: nothing is known.'],
    ['%5B8.8.8.8%5D%3A25', '8.8.8.8, AS15169'],
    ['8.8.8.8%3A25%2C', '8.8.8.8, AS15169'],
    ['%3A%3Affff%3A8.8.8.8', '8.8.8.8, AS15169'],
    ['8.0.0.0%2F7', '8.0.0.0/7: 2 ranges'],
  ])('a lookup of %s', async (text, said) => {
    const { page, wrong, close } = await open(`/lookup?q=${text}`)
    await page.locator('#said', { hasText: said }).waitFor()
    expect(wrong).toEqual([])
    await close()
  })

  test('the page of an AS: what it has, who is asked about it, and where it leads', async () => {
    const { page, wrong, close } = await open('/as/64500')
    await page.locator('#heading', { hasText: `AS64500 ${HOSTILE}` }).waitFor()
    expect(await textOf(page, '#facts')).toMatch(/Queries today\s+5,000, 50\.0 % of all/)
    expect(await textOf(page, '#ipv4')).toBe('9.9.9.0/24 DE')
    expect(await textOf(page, '#scores')).toMatch(/0\s+no weight applies\s+100\.0 %/)
    expect(await page.locator('#map [data-country=DE]').getAttribute('class')).toBe('q5')
    await page.locator('#questions summary').first().click()
    expect(await textOf(page, '#questions')).toContain('TXT AS64500.as.asnzone.internal')
    await page.locator('#shares').getByRole('link', { name: 'Germany' }).click()
    await page.locator('#heading', { hasText: /^Germany$/ }).waitFor()
    expect(await textOf(page, '#shares')).toContain(`AS64500 ${HOSTILE}`)
    await page.getByRole('link', { name: '9.9.9.0/24' }).click()
    await page.locator('#said', { hasText: '9.9.9.0/24: 1 range' }).waitFor()
    expect(wrong).toEqual([])
    await close()
  })

  test('the lookup page without a question: examples, and what is asked about most', async () => {
    const { page, wrong, close } = await open('/lookup')
    expect(await textOf(page, '#asked-list')).toContain(`AS64500 ${HOSTILE}`)
    expect(await textOf(page, '#asked-list')).toContain('United States')
    await page.locator('#empty').getByRole('link', { name: 'AS15169', exact: true }).click()
    await page.locator('#heading', { hasText: 'AS15169 Google LLC' }).waitFor()
    expect(wrong).toEqual([])
    await close()
  })

  test('the lookup page says that the statistics are not there, and credits those who made the data', async () => {
    const { page, close } = await openPage(browser, url, '/lookup', undefined, (fresh) =>
      fresh.route('**/api/stats?*', (route) =>
        route.fulfill({ status: 500, json: { error: 'see its log' } }),
      ),
    )
    expect(await textOf(page, '#trouble')).toBe('see its log')
    expect(await page.locator('#empty').isVisible()).toBe(true)
    await close()
  })

  test('a network with bits after its length: what was meant is a link', async () => {
    const { page, close } = await open('/lookup?q=8.8.8.8/24')
    await page.getByRole('link', { name: 'Look 8.8.8.0/24 up' }).click()
    await page.locator('#said', { hasText: '8.8.8.0/24: 1 range' }).waitFor()
    await close()
  })

  test('what is no address is refused in words', async () => {
    const { page, close } = await open('/lookup?q=%3Cscript%3E')
    await page.locator('#trouble', { hasText: "'<script>' is not an IP address or an AS number" }).waitFor()
    expect(await page.locator('#result').isVisible()).toBe(false)
    await close()
  })

  test('the statistics page: map, tables, bars, what was learned', async () => {
    const { page, wrong, close } = await open('/statistics')
    await page.locator('#map svg').waitFor()
    expect(await page.locator('#map [data-country=US]').getAttribute('class')).toBe('q5')
    expect(await page.locator('#map [data-country=SG]').getAttribute('class')).toBe('q1')
    expect(await page.locator('#map [data-country=FR]').getAttribute('class')).toBeNull()
    expect(await textOf(page, '#countries')).toMatch(/United States\s+9,000\s+90\.0 %/)
    await page.locator('#learned-note', { hasText: '2 ASes' }).waitFor()
    const learned = (await textOf(page, '#learned-ases tbody'))
      .split('\n')
      .filter((line) => line.startsWith('AS'))
    expect(learned).toHaveLength(2)
    expect(learned).toContainEqual(
      expect.stringMatching(/^AS15169 Google LLC\s+United States\s+−\d+\.\d\s+0\.0\s+10\.0/),
    )
    expect(learned.join('\n')).toContain(`AS64500 ${HOSTILE}`)
    const shares = await page
      .locator('#learned-ases .bar')
      .evaluateAll((all) => all.map((it) => (it as unknown as { style: { cssText: string } }).style.cssText))
    const digits = shares.map((share) => Number(/^--share: (.*);$/.exec(share)?.[1]).toFixed(2))
    expect(digits.sort()).toEqual(['0.00', '0.00', '0.33', '1.00'])
    expect(await page.locator('#bars').getAttribute('aria-label')).toContain('3 days')
    await page.getByLabel('month').check()
    expect(await page.locator('#bars').getAttribute('aria-label')).toContain('2 months')
    await page.getByText('As a table').click()
    expect(await textOf(page, '#bars-table')).toMatch(/2026-11\s+1,003\s+2026-10\s+1,002/)
    const asked = page.waitForResponse((response) => response.url().endsWith('?interval=2026-10'))
    await page.locator('#interval').selectOption('2026-10')
    expect((await asked).status()).toBe(200)
    expect(wrong).toEqual([])
    await close()
  })

  test('every page credits those who made the data, and leads to all the others', async () => {
    for (const path of ['/', '/lookup', '/statistics', '/policy']) {
      const { page, close } = await open(path)
      expect(await textOf(page, 'nav')).toMatch(/^Status\s+Lookup\s+Statistics\s+Policy$/)
      const foot = await textOf(page, 'footer')
      expect(foot).toContain('nobody (CC0-1.0)')
      expect(foot).toContain('IP Geolocation by DB-IP')
      expect(foot).toContain('Natural Earth')
      await close()
    }
  })
})
