// The page of the policy service in Chromium, with a running server: what it shows, and what its buttons really do.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  inspect,
  isBrowserMissing,
  launchBrowser,
  openPage,
  overhang,
  SKIPPED,
  VIEWS,
} from '../../support/browser.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { PolicyClient } from '../../support/policy-client.ts'
import { REJECT } from '../../support/policy-service.ts'
import { type RunningServer, startServer } from '../../support/programs.ts'

const DE = '193.99.144.80'
const US = '8.8.8.8'
const RU = '77.88.8.8'
const FR = '212.27.48.10'

/** A name as an enemy would choose it. */
const HOSTILE = '<img/src=x onerror=alert(1)>&"\'%2e@..'

const textOf = (page: Page, selector: string) => page.locator(selector).innerText()

describe.skipIf(isBrowserMissing)(`the page /policy${SKIPPED}`, () => {
  let browser: Browser
  let server: RunningServer
  let url: string
  let socket: string

  beforeAll(async () => {
    browser = await launchBrowser()
    const folder = temporaryFolder()
    socket = join(folder, 'policy.sock')
    const users = 'users: [{ sender: "*@example.org", comment: the staff }]'
    const rules = `limits: { countries: 2, ips: 3 }, home: { codes: [FR] }, ${users}`
    writeFileSync(
      join(folder, 'asnzone.yaml'),
      `http: 127.0.0.1:0\npolicy: { listen: ["unix:${socket}"], ${rules} }\n`,
    )
    server = await startServer(['--listen', '127.0.0.1:0'], {
      cwd: folder,
      env: { ASNZONE_DATA_DIR: join(folder, 'data') },
    })
    url = server.log.flatMap(({ msg }) => /^pages, .* (http:\/\/\S+)\/$/.exec(msg)?.[1] ?? [])[0]
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  async function ask(user: string, ...addresses: readonly string[]): Promise<string[]> {
    const client = await PolicyClient.connect({ path: socket })
    const answers: string[] = []
    for (const address of addresses) {
      answers.push(await client.ask({ sasl_username: user, client_address: address }))
    }
    client.destroy()
    return answers
  }

  const blockOf = (user: string) => ask(user, DE, US, RU)
  const open = (path: string, view?: (typeof VIEWS)[number]) => openPage(browser, url, path, view)

  test.each(VIEWS)('it has no serious finding and fits on $name', async (view) => {
    await ask('anna@example.org', FR)
    await blockOf('anna@example.org')
    for (const path of ['/policy', '/policy?user=anna%40example.org']) {
      const { page, wrong, close } = await open(path, view)
      if (path !== '/policy') await page.locator('#map svg').waitFor()
      const { findings, passes } = await inspect(page)
      expect(findings).toEqual([])
      expect(passes).toBeGreaterThan(15)
      expect(await overhang(page)).toBeLessThanOrEqual(0)
      expect(wrong).toEqual([])
      await close()
    }
  })

  test('who is blocked, why, until when and from where; unblocked, it may send again', async () => {
    expect(await blockOf('u2')).toEqual(['DUNNO', 'DUNNO', REJECT])
    expect(await ask('u2', DE)).toEqual([REJECT])
    const { page, wrong, close } = await open('/policy')
    const item = page.locator('[data-user=u2]')
    expect(await item.innerText()).toMatch(/blocked until \d\d:\d\d UTC, (1 h|\d+ min) more/)
    expect(await item.innerText()).toContain('3 countries, 2 are allowed')
    expect(await item.innerText()).toMatch(/Russia( \(refused\))?, United States/)
    await page.getByRole('button', { name: 'Unblock u2' }).click()
    await page.locator('#sure').getByRole('button', { name: 'Unblock' }).click()
    await page.locator('#said', { hasText: 'u2 is unblocked.' }).waitFor()
    await item.waitFor({ state: 'detached' })
    // The button that was pressed is gone: who uses a keyboard is at the top of the list.
    expect(await page.evaluate('document.activeElement.id')).toBe('list-heading')
    expect(await ask('u2', DE)).toEqual(['DUNNO'])
    expect(wrong).toEqual([])
    await close()
  })

  test('who does not want to after all changes nothing', async () => {
    await blockOf('u3')
    const { page, close } = await open('/policy?q=u3', VIEWS[3])
    const button = page.getByRole('button', { name: 'Unblock u3' })
    await button.click()
    expect((await inspect(page)).findings).toEqual([])
    expect(await overhang(page)).toBeLessThanOrEqual(0)
    const sent: string[] = []
    page.on('request', (it) => sent.push(it.method()))
    // Whatever the page does when the dialog is closed, it has begun when this tells of it.
    await page.evaluate(
      'sure.addEventListener("close", () => setTimeout(() => { sure.dataset.closed = Number(sure.dataset.closed ?? 0) + 1 }))',
    )
    const closed = (times: number) =>
      page.locator(`#sure[data-closed="${times}"]`).waitFor({ state: 'attached' })
    await page.locator('#sure').getByRole('button', { name: 'Cancel' }).click()
    await closed(1)
    await button.click()
    await page.keyboard.press('Escape')
    await closed(2)
    await page.evaluate('fetch("/api/status")')
    expect(new Set(sent)).toEqual(new Set(['GET']))
    expect(await ask('u3', DE)).toEqual([REJECT])
    await close()
  })

  test('with a keyboard: search, an account, unblock', async () => {
    await blockOf('u4')
    const { page, wrong, close } = await open('/policy')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.type('u4')
    await page.keyboard.press('Enter')
    await page.locator('#count', { hasText: /^1 account$/ }).waitFor()
    expect(page.url()).toBe(`${url}/policy?q=u4`)
    for (let i = 0; i < 3; i++) await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('u4')
    await page.keyboard.press('Enter')
    await page.locator('#map svg').waitFor()
    await page.locator('#unblock').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.locator('#said', { hasText: 'u4 is unblocked.' }).waitFor()
    await page.locator('#block').waitFor({ state: 'hidden' })
    expect(await ask('u4', DE)).toEqual(['DUNNO'])
    expect(wrong).toEqual([])
    await close()
  })

  test('an account: the map, addresses, countries, events, record; forgotten, it begins anew', async () => {
    await ask('bert@example.org', FR)
    await blockOf('bert@example.org')
    const { page, wrong, close } = await open('/policy?user=Bert%40example.org')
    await page.locator('#map svg').waitFor()
    const shades = { US: 'q2', FR: 'q4', RU: 'refused' }
    for (const [country, shade] of Object.entries(shades)) {
      expect(await page.locator(`#map [data-country=${country}]`).first().getAttribute('class')).toBe(shade)
    }
    expect(await page.locator('#map .here').count()).toBe(3)
    expect(await page.locator('#map .place').count()).toBe(1)
    expect(await page.locator('#map .place title').textContent()).toMatch(
      /^77\.88\.8\.8, \d{4}-\d\d-\d\d \d\d:\d\d UTC$/,
    )
    expect(await textOf(page, '#ips')).toMatch(
      /77\.88\.8\.8\s+Russia\s+refused\s+\d\d:\d\d UTC\s+\d\d:\d\d UTC\s+AS13238 YANDEX/,
    )
    expect(await textOf(page, '#countries')).toMatch(/France\s+counted, at home\s+\d\d:\d\d UTC/)
    expect(await textOf(page, '#events')).toMatch(
      /77\.88\.8\.8\s+Russia\s+AS13238\s+too many countries\s+reject/,
    )
    expect(await textOf(page, '#record')).toContain('"comment": "the staff"')
    expect(await textOf(page, '#block')).toContain('3 countries, 2 are allowed')
    await page.getByRole('button', { name: 'Forget' }).click()
    await page.locator('#sure').getByRole('button', { name: 'Forget' }).click()
    await page.locator('#said', { hasText: 'is removed.' }).waitFor()
    await page.locator('#account').waitFor({ state: 'hidden' })
    expect(await ask('bert@example.org', RU)).toEqual(['DUNNO'])
    expect(wrong.filter((it) => !it.includes('404'))).toEqual([])
    await close()
  })

  test.each([HOSTILE, '.', '..', 'a/b?c#d'])('an account called %s', async (user) => {
    await blockOf(user)
    // What such a name must not lead to.
    await blockOf('block')
    const { page, wrong, close } = await open('/policy')
    await page.locator('.who a', { hasText: user }).filter({ hasText: user }).last().waitFor()
    await page.locator('#accounts').getByRole('link', { name: user, exact: true }).click()
    await page.locator('#map svg').waitFor()
    expect(await textOf(page, 'h1')).toBe(user)
    const csv = await (
      await fetch(new URL((await page.locator('#events-csv').getAttribute('href')) ?? '', url))
    ).text()
    expect(csv.trim().split('\n')).toHaveLength(2)
    await page.locator('#unblock').click()
    await page.locator('#sure').getByRole('button', { name: 'Unblock' }).click()
    await page.locator('#said', { hasText: 'is unblocked.' }).waitFor()
    expect(await ask(user, DE)).toEqual(['DUNNO'])
    expect(await ask('block', DE)).toEqual([REJECT])
    expect(wrong).toEqual([])
    await close()
  })
})
