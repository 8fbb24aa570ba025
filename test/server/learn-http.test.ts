// Verdicts over HTTP, learned by a running server, beside commands that work on the same state.

import { expect, test } from 'vitest'
import { compiledData } from '../support/compiled-data.ts'
import { temporaryFolder } from '../support/folders.ts'
import { runCli, startServer } from '../support/programs.ts'
import { until } from '../support/until.ts'

const TOKEN = 'the-token-of-mx1'

const CONFIG = `http: 127.0.0.1:0\nlearn: { reporters: { mx1: ${TOKEN} } }\n`

test('a server learns what it is told, and so does a command meanwhile', async () => {
  const folder = temporaryFolder({
    'asnzone.yaml': CONFIG,
    log: `${Math.floor(Date.now() / 1000)} 8.8.8.8 ham\n`,
  })
  const dataDir = compiledData()
  const config = ['--config', `${folder}/asnzone.yaml`, '--data-dir', dataDir]
  const server = await startServer(config)
  try {
    const [url] = server.log.flatMap(({ msg }) => /^pages, .* (http:\/\/\S+)\/$/.exec(msg)?.[1] ?? [])
    const post = async (path: string, body: unknown, token = TOKEN): Promise<number> => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      return (await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })).status
    }
    const spam = { ip: '8.8.8.8', user: 'unknown', action: 'reject', score: 20, symbols: [] }
    expect(await post('/learn/rspamd', spam)).toBe(200)
    expect(await post('/learn/rspamd', spam, 'the-token-of-mx2')).toBe(401)
    expect(await post('/learn/rspamd', { ...spam, ip: '10.0.0.1' })).toBe(200)
    expect((await runCli(['learn', ...config, `${folder}/log`])).stdout).toContain('1 of ham')
    expect(await post('/learn', [{ ip: '8.8.4.4', verdict: 'spam' }])).toBe(200)
    const metrics = async () => (await fetch(`${url}/metrics`)).text()
    await until(async () =>
      (await metrics()).includes('asnzone_learn_verdicts_total{reporter="mx1",verdict="spam"} 2\n'),
    )
    expect(await metrics()).toContain('asnzone_learn_ignored_total{reason="private"} 1\n')
    const { stdout } = await runCli(['learn', ...config, '--explain', '8.8.8.8'])
    // The second verdict on an address counts less than the first, whichever that was.
    expect(stdout).toMatch(/ all +(?:1\.8 spam +1\.0|2\.0 spam +0\.8) ham /)
  } finally {
    await server.stop()
  }
})
