// Lists what is in the package as a software bill of materials (CycloneDX 1.5, ECMA-424): the packages that are bundled
// and those that are installed beside them, as package-lock.json has them. `npm sbom` lists neither more nor less than
// what is installed, so that what is in the bundle would be missing; nor has Debian's npm that command.

import { readFileSync } from 'node:fs'

const read = (name) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'))

/**
 * The bill as JSON. It is the same for the same lock file and bundle: it holds no time and no serial number.
 *
 * @param bundled the places of the bundled packages as package-lock.json names them, such as `node_modules/hono`
 */
export function billOfMaterials(bundled) {
  const { name, version, license, description } = read('package.json')
  const { packages } = read('package-lock.json')
  const components = Object.entries(packages)
    .filter(([place, { dev }]) => place !== '' && (!dev || bundled.has(place)))
    .map(([place, entry]) => componentOf(place, entry, bundled.has(place)))
    .sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1))
  const missing = [...bundled].filter((place) => packages[place] === undefined)
  if (missing.length > 0) throw new Error(`package-lock.json has no ${missing.join(', ')}`)
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': `${name}@${version}`,
        name,
        version,
        description,
        licenses: [{ license: { id: license } }],
        purl: `pkg:npm/${name}@${version}`,
      },
    },
    components,
  }
  return `${JSON.stringify(bill, null, 2)}\n`
}

/** A package; one that is only for some machines is optional. */
function componentOf(place, { version, license, integrity, optional }, isBundled) {
  const name = place.replace(/^.*node_modules\//, '')
  const [algorithm, hash] = integrity.split('-')
  return {
    type: 'library',
    // Several versions of a package may be in it, and a version at several places.
    'bom-ref': place.replace(/^node_modules\//, ''),
    name,
    version,
    scope: optional ? 'optional' : 'required',
    hashes: [
      {
        alg: algorithm.toUpperCase().replace(/^SHA/, 'SHA-'),
        content: Buffer.from(hash, 'base64').toString('hex'),
      },
    ],
    // Where a licence has no name in SPDX's list, package.json names the file that holds it.
    licenses: [license.startsWith('SEE ') ? { license: { name: license } } : { expression: license }],
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    properties: [{ name: 'asnzone:place', value: isBundled ? 'in the bundle' : 'installed beside it' }],
  }
}
