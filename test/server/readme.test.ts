// What the README shows of a running server is what a running server says, on the bundled data.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeBlocks, consoleExamples, readDocument, section } from '../docs/markdown.ts'
import { temporaryFolder } from '../support/folders.ts'
import { type RunningServer, runCli, startServer } from '../support/programs.ts'

const README_PORT = '5300'

const readme = readDocument('README.md')
const examples = consoleExamples(readme).map(({ command, output }) => [command, output] as const)

let server: RunningServer

beforeAll(async () => {
  const block = codeBlocks(section(readme, 'Add a zone of your own')).find(
    ({ language }) => language === 'yaml',
  )
  const zones = temporaryFolder({ 'who.yaml': block?.code ?? '' })
  server = await startServer(['--listen', '127.0.0.1:0', '--zones', zones])
})

afterAll(() => server?.stop())

/** A command of the README, led to the server of the test. */
const onTestPort = (command: string): string =>
  command.replaceAll(README_PORT, String(server.addresses[0].port))

describe('dig', () => {
  const asked = examples.filter(([command]) => command.startsWith(`dig @127.0.0.1 -p ${README_PORT} `))

  test.each(asked)('%s', async (command, output) => {
    const { stdout } = await promisify(execFile)('sh', ['-c', onTestPort(command)])
    expect(stdout.trimEnd()).toBe(output)
  })
})

describe('asnzone', () => {
  const run = examples.filter(([command]) => command.startsWith('npx asnzone '))

  test.each(run)('%s', async (command, output) => {
    const { code, stdout, stderr } = await runCli(onTestPort(command).split(' ').slice(2))
    expect(stdout.trimEnd()).toBe(output)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  test('has the commands that the README names, and no other', async () => {
    const { stdout } = await runCli(['--help'])
    const [, list = ''] = /^Commands:\n(.*?)\n\n/ms.exec(stdout) ?? []
    const commands = list.matchAll(/^ {2}([a-z]+) /gm)
    const named = section(readme, 'Commands').matchAll(/^\| `asnzone ([a-z]+)/gm)
    const names = [...commands]
      .map(([, name]) => name)
      .filter((name) => name !== 'asnzone' && name !== 'help')
    expect([...named].map(([, name]) => name)).toEqual(names)
  })
})
