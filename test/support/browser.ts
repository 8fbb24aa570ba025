// Pages in Chromium: a browser that tells what goes wrong in a page, and what axe finds in it.

import { existsSync } from 'node:fs'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { createApp } from '../../src/http/app.ts'
import type { ServerView } from '../../src/http/server-view.ts'
import { type HttpServer, serveApp } from './http-server.ts'
import { ownHost } from './running.ts'

const CHROMIUM = '/usr/bin/chromium'

/** Whether tests of pages have to be skipped: there is no Chromium, and this is not CI, which installs it. */
export const isBrowserMissing = !process.env.REQUIRE_PROGRAMS && !existsSync(CHROMIUM)

/** What stands in the name of a test that is skipped for that. */
export const SKIPPED = isBrowserMissing ? ': skipped, apt-get install chromium' : ''

/** Screens, and what their users like. */
export const VIEWS = [
  { name: 'a desk, light', width: 1280, height: 900, colorScheme: 'light' },
  { name: 'a desk, dark', width: 1280, height: 900, colorScheme: 'dark' },
  { name: 'a phone, light', width: 390, height: 844, colorScheme: 'light' },
  { name: 'a phone, dark', width: 390, height: 844, colorScheme: 'dark' },
] as const satisfies readonly View[]

/** A screen, and what its user likes. */
export interface View {
  readonly name: string
  readonly width: number
  readonly height: number
  readonly colorScheme: 'light' | 'dark'
}

/** A page that is open. */
export interface OpenPage {
  readonly page: Page
  /** What went wrong in it: errors, requests to other servers, dialogs of scripts. */
  readonly wrong: readonly string[]
  close(): Promise<void>
}

/** Starts Chromium. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    // Chromium refuses to run as root with its sandbox.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
}

/** Opens a page of the server at `url`, and waits until all of it is there. */
export async function openPage(
  browser: Browser,
  url: string,
  path: string,
  view: View = VIEWS[0],
  prepare: (page: Page) => Promise<unknown> = async () => {},
): Promise<OpenPage> {
  const { width, height, colorScheme } = view
  const context = await browser.newContext({ viewport: { width, height }, colorScheme })
  const page = await context.newPage()
  const wrong: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') wrong.push(message.text())
  })
  page.on('pageerror', (error) => wrong.push(error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith(`${url}/`)) wrong.push(`asks ${request.url()}`)
  })
  page.on('dialog', (dialog) => wrong.push(`dialog: ${dialog.message()}`))
  await prepare(page)
  await page.goto(url + path)
  // The credits are what each page shows last.
  await page.locator('#credits', { hasText: 'Data: ' }).waitFor()
  return { page, wrong, close: () => context.close() }
}

/** What axe finds in a page that is more than moderate, and how many of its rules have passed. */
export async function inspect(page: Page): Promise<{ readonly findings: string[]; readonly passes: number }> {
  await page.evaluate(axe.source)
  const { violations, passes } = (await page.evaluate('axe.run()')) as axe.AxeResults
  const findings = violations
    .map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0].html}`)
    .filter((finding) => !/^(minor|moderate) /.test(finding))
  return { findings, passes: passes.length }
}

/** How many pixels a page is wider than its screen; nothing or less where it fits. */
export function overhang(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - innerWidth')
}

/** Serves the pages of a server on a free port of 127.0.0.1. */
export function servePages(running: ServerView): Promise<HttpServer> {
  return serveApp(createApp(running, ownHost))
}
