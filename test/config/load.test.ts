// Settings: where they come from, which source wins, and what is said about wrong ones.

import { describe, expect, test } from 'vitest'
import { loadSettings } from '../../src/config/load.ts'
import { messageOf } from '../support/errors.ts'
import { temporaryFolder } from '../support/folders.ts'

/** The path of a config file with this text. */
function configFile(text: string): string {
  return `${temporaryFolder({ 'config.yaml': text })}/config.yaml`
}

/** What is said about a config file, its path cut off. */
const complaint = (text: string): string => {
  const file = configFile(text)
  return messageOf('ASNZONE_CONFIG', () => loadSettings({ configFile: file })).replace(file, 'config.yaml')
}

const fromEnvironment = (environment: Readonly<Record<string, string>>) =>
  loadSettings({ configFile: configFile(''), environment })

describe('sources', () => {
  test('the command line wins over the environment, that over the file, that over the default', () => {
    const file = configFile('domain: file.test\ntcp-idle: 2\nlog-level: warn\n')
    const environment = { ASNZONE_DOMAIN: 'environment.test', ASNZONE_TCP_IDLE: '3' }
    const settings = loadSettings({ configFile: file, environment, options: { domain: 'option.test' } })
    expect(settings).toMatchObject({
      domain: 'option.test',
      tcp: { idle: 3 },
      log: { level: 'warn', format: 'auto' },
    })
  })

  test('a list replaces the list of a weaker source', () => {
    const file = configFile('disable: [cymru, rspamd]')
    expect(loadSettings({ configFile: file, options: { disable: ['geo'] } }).disable).toEqual(['geo'])
  })

  test('an empty file, an empty value and an empty variable say nothing', () => {
    const environment = { ASNZONE_DOMAIN: '' }
    const settings = loadSettings({ configFile: configFile('# nothing\ndomain:\n'), environment })
    expect(settings.domain).toBe('asnzone.internal')
  })

  test('commas part a list in a variable; blanks around its items go', () => {
    expect(fromEnvironment({ ASNZONE_LISTEN: '127.0.0.1:53, [::1]:53' }).listen).toEqual([
      '127.0.0.1:53',
      '[::1]:53',
    ])
    expect(fromEnvironment({ ASNZONE_DISABLE: 'cymru' }).disable).toEqual(['cymru'])
  })

  test('a list of one may be written without brackets in the file', () => {
    expect(loadSettings({ configFile: configFile('disable: cymru') }).disable).toEqual(['cymru'])
  })
})

describe('complaints about the file', () => {
  test.each([
    [
      'an unknown key, with the one that was meant',
      'domain: a\n\nlistn: b',
      "config.yaml:3: no such setting as 'listn'; did you mean 'listen'?",
    ],
    [
      'an unknown key that is like none',
      'colour: red',
      /^config\.yaml:1: no such setting as 'colour'; known are listen, .*log-format/,
    ],
    [
      'a key that every object has',
      'constructor: 1',
      /^config\.yaml:1: no such setting as 'constructor'; known are/,
    ],
    [
      'a number as text',
      'domain: a\ntcp-idle: soon',
      /^config\.yaml:2: tcp-idle: 'soon' is not a number \(seconds after which /,
    ],
    [
      'text as a number',
      'domain: 5',
      /^config\.yaml:1: domain: 5 is not a text; write "5" \(the domain above/,
    ],
    ['empty text', 'domain: ""', /^config\.yaml:1: domain: the text is empty; write one/],
    ['a map', 'domain: { a: b }', /^config\.yaml:1: domain: a map of keys and values is not a text/],
    [
      'a list with numbers',
      '# first\n\nlisten: [53]',
      /^config\.yaml:3: listen: .*\(addresses to answer on, UDP and TCP, port 5300 unless given; \*:5300 for all of the host; none for no DNS\)$/,
    ],
    ['no addresses at all', 'listen: []', /^config\.yaml:1: listen: /],
    ['no name servers', 'nameservers: []', /^config\.yaml:1: nameservers: /],
    [
      'a number too small',
      'tcp-connections: 0',
      /^config\.yaml:1: tcp-connections: 0 is less than 1, the least \(how many TCP/,
    ],
    [
      'a number too big',
      'tcp-connections: 65536',
      /^config\.yaml:1: tcp-connections: 65536 is more than 65535, the most/,
    ],
    [
      'a fraction where none can be',
      'tcp-connections: 1.5',
      /^config\.yaml:1: tcp-connections: 1\.5 is not a whole number/,
    ],
    [
      'an unknown word',
      'log-level: loud',
      /^config\.yaml:1: log-level: 'loud' is not one of debug, info, warn, error /,
    ],
    ['a list', '- domain', "config.yaml: a config file holds settings such as 'domain: asnzone.internal'"],
    ['a word', 'domain', "config.yaml: a config file holds settings such as 'domain: asnzone.internal'"],
    ['no YAML', 'domain: a\nlisten: [::1]:5300\n', /^config\.yaml:2: /],
    ['a key twice', 'domain: a\ndomain: b', 'config.yaml:2: the key domain is there twice; leave one out'],
    [
      'a key in quotes twice',
      '"domain": a\n"domain": b',
      'config.yaml:2: the key "domain" is there twice; leave one out',
    ],
    [
      'a key with escapes twice',
      '"\\e[1m": 1\n"\\e[1m": 2',
      'config.yaml:2: the key "\\e[1m" is there twice; leave one out',
    ],
    [
      'an alias of nothing',
      'workers: 1\ndomain: *name',
      'config.yaml:2: *name stands for a value that is marked with &name, and none is; a text that begins with * needs quotation marks: "*name"',
    ],
    [
      'an alias of nothing in a list',
      'workers: 1\nlisten:\n  - *x',
      /^config\.yaml:3: \*x stands for a value/,
    ],
    [
      'a second document',
      'workers: 1\n---\ndomain: a',
      "config.yaml:2: here a second document begins, after a line of '---' or '...'; leave that line out",
    ],
    ['a list that does not end', 'workers: 1\nlisten: [127.0.0.1:53,\n\n', /^config\.yaml:2: Flow sequence/],
    ['a map that comments follow', 'workers: 1\nscore: {\n# one\n\n# two\n', /^config\.yaml:2: Flow map/],
    [
      'a tab',
      'limits:\n\tsize: 1',
      'config.yaml:2: a tab indents this line, which YAML forbids; write blanks',
    ],
  ])('%s', (_, text, message) => {
    if (typeof message === 'string') expect(complaint(text)).toBe(message)
    else expect(complaint(text)).toMatch(message)
  })

  test('a file that is named and missing', () => {
    const message = messageOf('ASNZONE_CONFIG', () => loadSettings({ configFile: '/nowhere/asnzone.yaml' }))
    expect(message).toBe('/nowhere/asnzone.yaml: there is no such file or directory')
  })
})

describe('complaints about the environment', () => {
  test.each([
    [{ ASNZONE_LISTN: 'x' }, "ASNZONE_LISTN: no such setting; did you mean 'ASNZONE_LISTEN'?"],
    [{ ASNZONE_LOG_LEVLE: '' }, "ASNZONE_LOG_LEVLE: no such setting; did you mean 'ASNZONE_LOG_LEVEL'?"],
    [{ ASNZONE_TCP_IDLE: 'soon' }, /^ASNZONE_TCP_IDLE: 'soon' is not a number \(seconds after/],
    [{ ASNZONE_TCP_IDLE: ' ' }, /^ASNZONE_TCP_IDLE: ' ' is not a number/],
    [{ ASNZONE_TCP_IDLE: '-1' }, /^ASNZONE_TCP_IDLE: -1 is too little; write more than 0/],
    [{ ASNZONE_LISTEN: '127.0.0.1,,' }, /^ASNZONE_LISTEN: .*\(addresses to answer on/],
    [{ ASNZONE_LOG_FORMAT: 'xml' }, /^ASNZONE_LOG_FORMAT: 'xml' is not one of auto, pretty, json/],
  ])('%o', (environment, message) => {
    const thrown = messageOf('ASNZONE_CONFIG', () =>
      fromEnvironment(environment as unknown as Record<string, string>),
    )
    if (typeof message === 'string') expect(thrown).toBe(message)
    else expect(thrown).toMatch(message)
  })

  test('ASNZONE_CONFIG and the variables of others are let be', () => {
    const environment = { ASNZONE_CONFIG: '/x', ASN: '1', ASNZONED: 'x', HOME: '/root' }
    expect(fromEnvironment(environment).domain).toBe('asnzone.internal')
  })
})

test('a complaint about the command line names the option', () => {
  const complain = (options: Readonly<Record<string, unknown>>) =>
    messageOf('ASNZONE_CONFIG', () => loadSettings({ configFile: configFile(''), options }))
  expect(complain({ 'tcp-idle': 'soon' })).toMatch(/^--tcp-idle: 'soon' is not a number/)
  expect(complain({ 'log-level': 'loud' })).toMatch(/^--log-level: 'loud' is not one of/)
  expect(complain({ listen: [''] })).toMatch(/^--listen: /)
})
