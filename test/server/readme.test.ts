// What the README and the pages of zones and commands show of a running server is what a running server says, on the
// bundled data.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeBlocks, codeSpans, consoleExamples, readDocument, section } from '../docs/markdown.ts'
import { temporaryFolder } from '../support/folders.ts'
import { dig, type RunningServer, runCli, startServer } from '../support/programs.ts'

const README_PORT = '5300'

const readme = readDocument('README.md')
const zonesPage = readDocument('docs/served-zones.md')
const commandsPage = readDocument('docs/commands.md')
const examples = [readme, zonesPage, commandsPage]
  .flatMap(consoleExamples)
  .map(({ command, output }) => [command, output] as const)

let server: RunningServer

beforeAll(async () => {
  const block = codeBlocks(section(zonesPage, 'Add a zone of your own')).find(
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
  const run = examples.filter(([command]) => command.startsWith('npx --no-install asnzone '))

  test.each(run)('%s', async (command, output) => {
    const { code, stdout, stderr } = await runCli(onTestPort(command).split(' ').slice(3))
    expect(stdout.trimEnd()).toBe(output)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  test('has the commands that the README names, and no other', async () => {
    const { stdout } = await runCli(['--help'])
    const [, list = ''] = /^Commands:\n(.*?)\n\n/ms.exec(stdout) ?? []
    const commands = list.matchAll(/^ {2}([a-z]+) /gm)
    const named = commandsPage.matchAll(/^\| `asnzone ([a-z]+)/gm)
    const names = [...commands]
      .map(([, name]) => name)
      .filter((name) => name !== 'asnzone' && name !== 'help')
    expect([...named].map(([, name]) => name)).toEqual(names)
  })
})

test('with the weights of «Score it», answers are what it says', async () => {
  const chapter = section(readme, 'Score it')
  const [weights] = codeBlocks(chapter)
  const folder = temporaryFolder({ 'asnzone.yaml': weights.code })
  const config = ['--config', `${folder}/asnzone.yaml`, '--data-dir', temporaryFolder()]
  const scoring = await startServer(['--listen', '127.0.0.1:0', ...config])
  try {
    const ask = (type: string, name: string): Promise<string> =>
      dig(scoring.addresses[0], ['+short', type, `${name}.asnzone.internal`])
    const answers = [
      await ask('TXT', '8.8.8.8.geo'),
      await ask('A', '114.114.114.114.score'),
      await ask('TXT', '114.114.114.114.score'),
    ]
    expect(answers.map((answer) => `\`${answer.replaceAll('"', '')}\``)).toEqual(
      codeSpans(chapter)
        .filter((span) => /\d/.test(span))
        .map((span) => `\`${span}\``),
    )
  } finally {
    await scoring.stop()
  }
})
