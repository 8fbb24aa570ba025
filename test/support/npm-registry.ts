// A registry of npm on loopback that has what is installed here and nothing else, so that what npm installs in a test
// comes at once, and from no network.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { projectPath } from '../docs/markdown.ts'

/** A package as package-lock.json has it. */
interface Locked {
  readonly version: string
  readonly dev?: boolean
}

/** A version of a package, and where it is installed; one for another machine is not. */
interface Installed {
  readonly version: string
  readonly path: string
  readonly manifest: object
}

/** A registry that answers. */
export interface Registry {
  /** What npm is given, so that it asks this one and leaves the user's config and cache alone. */
  readonly npmOptions: readonly string[]
  close(): Promise<void>
}

/**
 * Serves what asnzone depends on, by package-lock.json and node_modules.
 *
 * @param cache a folder for npm's cache
 */
export async function startRegistry(cache: string): Promise<Registry> {
  const packages = installedPackages()
  const server = createServer((request, response) => {
    const asked = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname).slice(1)
    const [name, version] = asked.split('/-/')
    const found = packages.get(name)
    if (found === undefined) response.writeHead(404).end()
    else if (version === undefined) tellVersions(response, name, found, `http://${request.headers.host}`)
    else sendPacked(response, found.find((it) => it.version === version)?.path)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    npmOptions: [
      ...['--registry', `http://127.0.0.1:${port}`, '--noproxy', '127.0.0.1'],
      ...['--cache', cache, '--userconfig', '/dev/null', '--no-audit', '--no-fund', '--no-update-notifier'],
    ],
    close: async () => {
      server.closeAllConnections()
      await once(server.close(), 'close')
    },
  }
}

function installedPackages(): ReadonlyMap<string, readonly Installed[]> {
  const { packages } = JSON.parse(readFileSync(projectPath('package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>
  }
  const found = new Map<string, Installed[]>()
  for (const [path, { version, dev, ...rest }] of Object.entries(packages)) {
    if (path === '' || dev) continue
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const installed = { version, path: projectPath(path), manifest: { ...rest, name, version } }
    found.set(name, [...(found.get(name) ?? []), installed])
  }
  return found
}

function tellVersions(
  response: ServerResponse,
  name: string,
  found: readonly Installed[],
  url: string,
): void {
  const versions = Object.fromEntries(
    found.map(({ version, manifest }) => [
      version,
      { ...manifest, dist: { tarball: `${url}/${name}/-/${version}` } },
    ]),
  )
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ name, 'dist-tags': { latest: found[0].version }, versions }))
}

/** Not compressed: it goes nowhere. */
function sendPacked(response: ServerResponse, path: string | undefined): void {
  if (path === undefined || !existsSync(path)) {
    response.writeHead(404).end()
    return
  }
  const args = [
    '--create',
    '--exclude=./node_modules',
    '--transform=s,^\\.,package,',
    '--directory',
    path,
    '.',
  ]
  spawn('tar', args, { stdio: ['ignore', 'pipe', 'inherit'] }).stdout.pipe(response)
}
