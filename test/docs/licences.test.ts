// What is handed on with the package: each package of others is listed, under a licence that allows it.

import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { projectPath, readDocument } from './markdown.ts'

/** Licences that allow handing on without more than their text and the names of the authors. */
const ALLOWED = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  '0BSD',
])

/** Data and what else has a notice of its own in NOTICE. */
const IN_NOTICE = ['@ip-location-db/asn', '@ip-location-db/asn-country', 'uplot']

interface Component {
  readonly 'bom-ref': string
  readonly name: string
  readonly version: string
  readonly hashes: readonly { readonly alg: string; readonly content: string }[]
  readonly licenses: readonly { readonly expression?: string; readonly license?: { readonly name: string } }[]
  readonly properties: readonly { readonly value: string }[]
}

const bill = JSON.parse(readDocument('dist/sbom.cdx.json')) as {
  readonly bomFormat: string
  readonly components: readonly Component[]
}
const { components } = bill
const bundled = components.filter(({ properties: [place] }) => place.value === 'in the bundle')
const licences = readDocument('dist/licences.txt')

test('the bill of materials has every package that is bundled, and every one that is installed', () => {
  expect(bill.bomFormat).toBe('CycloneDX')
  const listed = [...licences.matchAll(/^(\S+) (\d\S*), \S+$/gm)].map(
    ([, name, version]) => `${name} ${version}`,
  )
  expect(bundled.map(({ name, version }) => `${name} ${version}`).sort()).toEqual(listed.sort())
  const { dependencies } = JSON.parse(readDocument('package.json')) as {
    dependencies: Record<string, string>
  }
  const names = components.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(Object.keys(dependencies)))
  const references = components.map((component) => component['bom-ref'])
  expect(new Set(references).size).toBe(references.length)
  for (const { hashes } of components) expect(hashes[0].content).toMatch(/^[0-9a-f]{128}$/)
})

describe.each(components.map((component) => [component['bom-ref'], component] as const))(
  '%s',
  (_, component) => {
    test('its licence allows what is done with it', () => {
      if (IN_NOTICE.includes(component.name)) expect(readDocument('NOTICE')).toContain(component.name)
      else expect(ALLOWED).toContain(component.licenses[0].expression)
    })
  },
)

describe.each(bundled.map((component) => [component['bom-ref'], component] as const))(
  '%s',
  (place, component) => {
    test('its licence is in licences.txt, in its own words where the package has them', () => {
      const at = licences.indexOf(`${component.name} ${component.version}, `)
      expect(at).toBeGreaterThan(-1)
      const file = ['LICENSE', 'LICENCE', 'LICENSE.md', 'license', 'License', 'LICENSE.txt'].find((name) =>
        existsSync(projectPath(`node_modules/${place}/${name}`)),
      )
      if (file === undefined) return
      const text = readFileSync(projectPath(`node_modules/${place}/${file}`), 'utf8').trim()
      expect(licences.slice(at)).toContain(text)
    })
  },
)
