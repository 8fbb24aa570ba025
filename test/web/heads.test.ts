// Heads and navigation of the pages: no page is built, so that they stand in each file, and are alike here.

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const WEB = fileURLToPath(new URL('../../web/', import.meta.url))

/** The pages of the navigation, in its order, and the one that stands for all that there are not. */
const PAGES = [
  { file: 'index.html', path: '/', name: 'Status', script: 'status.js', hasCharts: true },
  { file: 'lookup.html', path: '/lookup', name: 'Lookup', script: 'lookup.js', hasCharts: false },
  {
    file: 'statistics.html',
    path: '/statistics',
    name: 'Statistics',
    script: 'statistics.js',
    hasCharts: true,
  },
  { file: 'policy.html', path: '/policy', name: 'Policy', script: 'policy.js', hasCharts: false },
  { file: 'holdings.html', path: null, name: 'AS or country', script: 'holdings.js', hasCharts: false },
  { file: 'missing.html', path: null, name: 'No such page', script: null, hasCharts: false },
]

/** Every line of a page before its own. */
function headOf({ path, name, script, hasCharts }: (typeof PAGES)[number]): string[] {
  const links = PAGES.filter((page) => page.path !== null).map(
    (page) =>
      `            <li><a href="${page.path}"${page.path === path ? ' aria-current="page"' : ''}>${page.name}</a></li>`,
  )
  const comment =
    script === null
      ? 'What a browser gets that asks for a page that there is not'
      : `${name}: see web/${script}`
  return [
    '<!doctype html>',
    `<!-- ${comment}. -->`,
    '<html lang="en">',
    '  <head>',
    '    <meta charset="utf-8">',
    '    <meta name="viewport" content="width=device-width, initial-scale=1">',
    '    <meta name="color-scheme" content="light dark">',
    `    <title>${name} – asnzone</title>`,
    '    <link rel="icon" href="/icon.svg" type="image/svg+xml">',
    ...(hasCharts ? ['    <link rel="stylesheet" href="/vendor/uplot.css">'] : []),
    '    <link rel="stylesheet" href="/style.css">',
    ...(script === null ? [] : [`    <script type="module" src="/${script}"></script>`]),
    '  </head>',
    '  <body>',
    '    <a class="skip" href="#main">Skip to the content</a>',
    '    <header class="head">',
    '      <div>',
    '        <p class="brand"><img src="/icon.svg" alt="">asnzone</p>',
    '        <nav aria-label="Pages">',
    '          <ul>',
    ...links,
    '          </ul>',
    '        </nav>',
    '      </div>',
    '    </header>',
    '    <main id="main" tabindex="-1">',
  ]
}

test('every page is known here', () => {
  const files = readdirSync(WEB).filter((file) => file.endsWith('.html'))
  expect(files).toEqual(PAGES.map(({ file }) => file).sort())
})

test.each(PAGES)('the head of $file', (page) => {
  const head = headOf(page)
  expect(readFileSync(`${WEB}${page.file}`, 'utf8').split('\n').slice(0, head.length)).toEqual(head)
})
