// The page of the policy service in Chromium, with a server that is made up: what is shown of each state that the service
// can be in, and how it looks again.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { AsnzoneError } from '../../../src/errors.ts'
import type { AccountJson, EntryJson } from '../../../src/policy-server/account-json.ts'
import { type PolicyCommandName, remoteCommands } from '../../../src/policy-server/commands.ts'
import type { ListQuery } from '../../../src/policy-server/store.ts'
import {
  inspect,
  isBrowserMissing,
  launchBrowser,
  openPage,
  overhang,
  SKIPPED,
  servePages,
  VIEWS,
} from '../../support/browser.ts'
import { temporaryFolder } from '../../support/folders.ts'
import type { HttpServer } from '../../support/http-server.ts'
import { runCli } from '../../support/programs.ts'
import { fakeServer } from '../../support/running.ts'

const DE = '193.99.144.80'

describe.skipIf(isBrowserMissing)(`the states of the page /policy${SKIPPED}`, () => {
  let browser: Browser
  const asked: { name: PolicyCommandName; argument: unknown }[] = []
  let answer: (name: PolicyCommandName, argument: unknown) => unknown
  /** What is answered to who asks for the history. */
  let history: () => unknown
  let pages: HttpServer
  let off: HttpServer

  beforeAll(async () => {
    browser = await launchBrowser()
    off = await servePages(fakeServer().running)
    const policyCommands = remoteCommands(async (name, argument) => {
      // The history is asked for with each look at the list.
      if (name === 'events') return answer === away ? away() : history()
      asked.push({ name, argument })
      return answer(name, argument)
    })
    pages = await servePages(fakeServer({ policy: { figures: null }, policyCommands }).running)
  })
  beforeEach(() => {
    asked.length = 0
    answer = () => []
    history = () => []
  })
  afterAll(async () => {
    await browser?.close()
    await pages?.close()
    await off?.close()
  })

  const away = (): never => {
    throw new AsnzoneError('ASNZONE_POLICY', 'the store of the policy service is not available: disk full')
  }

  test.each(VIEWS)('off, away, nobody, unknown: no serious finding, and they fit on $name', async (view) => {
    const states: readonly (readonly [string, string, string, () => unknown])[] = [
      [off.url, '/policy', '#off', away],
      [off.url, '/policy?user=anna', '#off', away],
      [pages.url, '/policy', '#away', away],
      [pages.url, '/policy?user=anna', '#away', away],
      [pages.url, '/policy', '#empty', () => []],
    ]
    for (const [url, path, shown, command] of states) {
      answer = command
      const { page, close } = await openPage(browser, url, path, view)
      await page.locator(shown).waitFor()
      expect((await inspect(page)).findings).toEqual([])
      expect(await overhang(page)).toBeLessThanOrEqual(0)
      await close()
    }
  })

  test('without the service it tells which lines start it, and check takes them', async () => {
    const { page, close } = await openPage(browser, off.url, '/policy')
    const lines = await page.locator('#off-lines').innerText()
    expect(parse(lines)).toMatchObject({ policy: { listen: ['127.0.0.1:4646'] } })
    expect(await page.locator('#list').isVisible()).toBe(false)
    const folder = temporaryFolder()
    const port = '127.0.0.1:0'
    writeFileSync(join(folder, 'asnzone.yaml'), `listen: ${port}\n${lines.replace('127.0.0.1:4646', port)}\n`)
    expect(await runCli(['check'], { cwd: folder })).toMatchObject({ code: 0 })
    await close()
  })

  test('refusals of all hosts are shown, with the host where there are several', async () => {
    const event = { country: 'RU', asn: 13_238, rule: 'countries', action: 'reject', source: 'postfix' }
    history = () => [
      { id: '2', time: '2026-11-20T06:00:07Z', user: '<b>anna', address: '77.88.8.8', host: 'mx2', ...event },
      { id: '1', time: '2026-11-20T05:00:07Z', user: 'bert', address: '77.88.8.8', host: null, ...event },
    ]
    const { page, wrong, close } = await openPage(browser, pages.url, '/policy')
    const rows = page.locator('#history tbody tr')
    expect(await page.locator('#history thead').innerText()).toMatch(/TIME\s+ACCOUNT.*HOST/is)
    expect(await rows.first().innerText()).toMatch(
      /06:00 UTC\s+<b>anna\s+77\.88\.8\.8\s+Russia.*too many countries\s+reject\s+postfix\s+mx2/s,
    )
    expect(await rows.first().getByRole('link', { name: '<b>anna' }).getAttribute('href')).toBe(
      '/policy?user=%3Cb%3Eanna',
    )
    expect(await page.locator('#history-note').isVisible()).toBe(false)
    expect((await inspect(page)).findings).toEqual([])
    expect(wrong).toEqual([])
    await close()
  })

  test('nobody is blocked, nothing is found, nothing is kept: it is said which', async () => {
    const { page, wrong, close } = await openPage(browser, pages.url, '/policy')
    expect(await page.locator('#empty').innerText()).toMatch(/^Nobody is blocked\./)
    await page.getByLabel('An account').fill('<b>')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.locator('#empty', { hasText: 'Nobody with “<b>” in the name is blocked.' }).waitFor()
    await page.getByRole('link', { name: 'Show all accounts' }).click()
    await page.locator('#empty', { hasText: 'No account with “<b>” in the name is kept.' }).waitFor()
    await page.getByLabel('An account').fill('')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.locator('#empty', { hasText: 'no mail server has asked yet' }).waitFor()
    await page.getByLabel('blocked').check()
    await page.locator('#empty', { hasText: 'Nobody is blocked.' }).waitFor()
    await page.goBack()
    await page.locator('#empty', { hasText: 'no mail server has asked yet' }).waitFor()
    expect(wrong).toEqual([])
    await close()
  })

  test('the store goes away and comes back: what was shown stays, and the page says so', async () => {
    answer = () => [account('anna')]
    const { page, close } = await openPage(browser, pages.url, '/policy', VIEWS[0], ({ clock }) =>
      clock.install(),
    )
    await page.locator('[data-user=anna]').waitFor()
    answer = away
    await page.clock.runFor(15_000)
    await page
      .locator('#away', { hasText: 'The store of the policy service is not available: disk full.' })
      .waitFor()
    expect(await page.locator('[data-user=anna]').isVisible()).toBe(true)
    answer = () => [account('bert')]
    await page.clock.runFor(30_000)
    await page.locator('[data-user=bert]').waitFor()
    expect(await page.locator('#away').isVisible()).toBe(false)
    await close()
  })

  test('a page that nobody sees asks nothing, and asks when it is seen again', async () => {
    const { page, close } = await openPage(browser, pages.url, '/policy', VIEWS[0], async (it) => {
      await it.clock.install()
      await it.addInitScript(
        'Object.defineProperty(document, "hidden", { get: () => globalThis.isUnseen === true })',
      )
    })
    await page.evaluate('globalThis.isUnseen = true')
    const before = asked.length
    await page.clock.runFor(600_000)
    expect(asked.length).toBe(before)
    const again = page.waitForResponse((response) => response.url().includes('/api/policy/users'))
    await page.evaluate('globalThis.isUnseen = false; document.dispatchEvent(new Event("visibilitychange"))')
    await again
    expect(asked.length).toBe(before + 1)
    await close()
  })

  test('a new list leaves the keyboard where it is', async () => {
    answer = () => [account('bert'), account('carl')]
    const { page, close } = await openPage(browser, pages.url, '/policy', VIEWS[0], ({ clock }) =>
      clock.install(),
    )
    const button = page.getByRole('button', { name: 'Unblock carl' })
    await button.focus()
    answer = () => [account('anna'), account('carl')]
    await page.clock.runFor(15_000)
    await page.locator('[data-user=anna]').waitFor()
    expect(await button.evaluate((it) => it.matches(':focus'))).toBe(true)
    await close()
  })

  test('many accounts come a hundred at a time', async () => {
    const all = Array.from({ length: 1500 }, (_, i) => account(`user${String(i).padStart(4, '0')}`))
    const from = (text: string) => all.filter(({ user }) => user.includes(text))
    answer = (_name, argument) => {
      const { text, limit } = argument as ListQuery
      return from(text).slice(0, limit)
    }
    const { page, close } = await openPage(browser, pages.url, '/policy')
    for (let hundreds = 1; hundreds < 10; hundreds++) {
      await page.locator('#count', { hasText: `${hundreds}00 accounts and more` }).waitFor()
      await page.getByRole('button', { name: 'Show more' }).click()
    }
    await page.locator('#count', { hasText: 'The first 1,000 accounts; a search finds the others' }).waitFor()
    expect(await page.getByRole('button', { name: 'Show more' }).isVisible()).toBe(false)
    await page.getByLabel('An account').fill('user01')
    await page.keyboard.press('Enter')
    await page.locator('#count', { hasText: /^100 accounts/ }).waitFor()
    await close()
  })

  test('an account of which nothing is kept', async () => {
    answer = (name) => (name === 'show' ? null : [])
    const { page, close } = await openPage(browser, pages.url, '/policy?user=nobody')
    await page.locator('#nothing', { hasText: 'Nothing is kept of this account' }).waitFor()
    expect(await page.locator('#off').isVisible()).toBe(false)
    await close()
  })

  test.each([
    ['permanent', 'blocked until somebody unblocks it'],
    ['2099-12-31T23:59:00.000Z', 'blocked until 2099-12-31 23:59 UTC'],
  ])('a block until %s', async (until, said) => {
    answer = () => [account('anna', { since: '2026-11-27T09:00:00.000Z', until, reason: 'imported' })]
    const { page, close } = await openPage(browser, pages.url, '/policy')
    expect(await page.locator('[data-user=anna]').innerText()).toContain(said)
    expect(await page.locator('[data-user=anna]').innerText()).toContain('imported')
    await close()
  })

  test('an unblock that fails says why', async () => {
    answer = () => [account('anna')]
    const { page, close } = await openPage(browser, pages.url, '/policy')
    answer = (name) => (name === 'unblock' ? away() : [account('anna')])
    await page.getByRole('button', { name: 'Unblock anna' }).click()
    await page.locator('#sure').getByRole('button', { name: 'Unblock' }).click()
    await page.locator('#trouble', { hasText: 'is not available: disk full' }).waitFor()
    expect(await page.locator('[data-user=anna]').isVisible()).toBe(true)
    await close()
  })
})
/** An account that is blocked. */
function account(
  user: string,
  block: AccountJson['block'] = {
    since: '2026-11-27T09:00:00.000Z',
    until: new Date(Date.now() + 1_800_000).toISOString(),
    reason: 'ips 4/3',
  },
): AccountJson {
  const time = '2026-11-27T09:00:00.000Z'
  const entry = (value: string): EntryJson => ({
    value,
    first: time,
    last: time,
    home: false,
    refused: false,
  })
  return {
    user,
    first: time,
    last: time,
    requests: 4,
    refused: 1,
    block,
    ips: [entry(DE)],
    countries: [entry('DE')],
    asns: [entry('206564')],
  }
}
