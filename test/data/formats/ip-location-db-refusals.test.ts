// Range files that are refused: every reason, with the file and the line.

import { describe, expect, test } from 'vitest'
import { cutAt } from '../../support/chunked-input.ts'
import { readRangeFile, readRangeText } from '../../support/range-file.ts'

const GOOGLE = '8.8.8.0,8.8.8.255,15169,Google LLC\n'
const AU = '1.0.0.0,1.0.0.255,AU\n'

describe('an AS file is refused for', () => {
  const COLUMNS = 'not the 4 of start,end,asn,name'
  const RANGE = 'is not an AS number from 1 to 4294967295'
  const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

  test.each<{ name: string; text: string | Buffer; error: string }>([
    { name: 'no rows', text: '', error: '1: the file is empty; fetch it again' },
    { name: 'a byte order mark alone', text: '\ufeff', error: '1: the file is empty; fetch it again' },
    { name: 'three columns', text: `${GOOGLE}8.8.4.0,8.8.4.255,15169\n`, error: `2: 3 columns, ${COLUMNS}` },
    { name: 'five columns', text: `${GOOGLE}8.8.4.0,8.8.4.255,1,a,b\n`, error: `2: 5 columns, ${COLUMNS}` },
    { name: 'forty columns', text: `${','.repeat(39)}\n`, error: `1: 40 columns, ${COLUMNS}` },
    {
      name: 'a comma without quotes',
      text: `${GOOGLE}1.0.0.0,1.0.0.0,1,A, Inc.`,
      error: `2: 5 columns, ${COLUMNS}`,
    },
    { name: 'a word after a blank line', text: `${GOOGLE}\nword\n`, error: `3: 1 column, ${COLUMNS}` },
    { name: 'a page of HTML', text: '<!DOCTYPE html>\n<html>', error: `1: 1 column, ${COLUMNS}` },
    { name: 'a row cut short', text: `${GOOGLE}8.8.4.0,8.8.`, error: `2: 2 columns, ${COLUMNS}` },
    {
      name: 'a line after a name of two lines',
      text: '1.0.0.0,1.0.0.0,1,"two\nlines"\n1.0.0.1,1.0.0.1,2\n',
      error: `3: 3 columns, ${COLUMNS}`,
    },
    { name: 'ASN 4294967296', text: '1.0.0.0,1.0.0.0,4294967296,x\n', error: `1: '4294967296' ${RANGE}` },
    { name: 'ASN A123', text: '1.0.0.0,1.0.0.0,A123,x\n', error: `1: 'A123' ${RANGE}` },
    { name: 'ASN AS', text: '1.0.0.0,1.0.0.0,AS,x\n', error: `1: 'AS' ${RANGE}` },
    { name: 'ASN ASAS1', text: '1.0.0.0,1.0.0.0,ASAS1,x\n', error: `1: 'ASAS1' ${RANGE}` },
    { name: 'no ASN', text: '1.0.0.0,1.0.0.0,,x\n', error: `1: '' ${RANGE}` },
    { name: 'ASN -1', text: '1.0.0.0,1.0.0.0,-1,x\n', error: `1: '-1' ${RANGE}` },
    { name: 'ASN 1.5', text: '1.0.0.0,1.0.0.0,1.5,x\n', error: `1: '1.5' ${RANGE}` },
    { name: 'a blank before the ASN', text: '1.0.0.0,1.0.0.0, 1,x\n', error: `1: ' 1' ${RANGE}` },
    {
      name: 'an ASN that would upset a terminal',
      text: `1.0.0.0,1.0.0.0,\u001b[31m${'7'.repeat(99)},x\n`,
      error: `1: '?[31m${'7'.repeat(52)}...' ${RANGE}`,
    },
    {
      name: 'a name that is not UTF-8',
      text: latin1(`${GOOGLE}1.0.0.0,1.0.0.0,1,Réseau\n`),
      error: '2: the name is not UTF-8',
    },
    {
      name: 'a name that is not UTF-8, of an AS that has one',
      text: latin1(`${GOOGLE}1.0.0.0,1.0.0.0,15169,Réseau\n`),
      error: '2: the name is not UTF-8',
    },
    {
      name: 'a name cut inside a character',
      text: Buffer.from('1.0.0.0,1.0.0.0,1,Ré').subarray(0, -1),
      error: '1: the name is not UTF-8',
    },
    {
      name: 'a quote that is not closed',
      text: `${GOOGLE}1.0.0.0,1.0.0.0,1,"x\n`,
      error: '2: a quote is not closed',
    },
    {
      name: 'text after a quote',
      text: `${GOOGLE}1.0.0.0,1.0.0.0,1,"x"y\n`,
      error: '2: text after a closing quote',
    },
    {
      name: 'a quote inside a field',
      text: `${GOOGLE}1.0.0.0,1.0.0.0,1,x "y"\n`,
      error: '2: a quote inside an unquoted field',
    },
    {
      name: 'a name longer than a row may be',
      text: `${GOOGLE}1.0.0.0,1.0.0.0,1,${'x'.repeat(66000)}\n`,
      error: '2: a row of more than 65536 octets; is this a CSV file?',
    },
  ])('$name', ({ text, error }) => {
    const bytes = Buffer.from(text)
    expect(readRangeFile('asn', [bytes])).toBe(`file.csv:${error}`)
    expect(readRangeFile('asn', cutAt(bytes, [1, 2, 3, bytes.length >> 1, bytes.length - 1]))).toBe(
      `file.csv:${error}`,
    )
  })
})

describe('a country file is refused for', () => {
  const COLUMNS = 'not the 3 of start,end,country'
  const CODE = 'is not a two-letter country code'

  test.each([
    { name: 'two columns', text: `${AU}1.0.1.0,1.0.3.255\n`, error: `2: 2 columns, ${COLUMNS}` },
    { name: 'four columns', text: `${AU}${GOOGLE}`, error: `2: 4 columns, ${COLUMNS}` },
    { name: 'a country of one letter', text: '1.0.0.0,1.0.0.0,A\n', error: `1: 'A' ${CODE}` },
    { name: 'a country of three letters', text: '1.0.0.0,1.0.0.0,AUS\n', error: `1: 'AUS' ${CODE}` },
    { name: 'a country of digits', text: '1.0.0.0,1.0.0.0,36\n', error: `1: '36' ${CODE}` },
    { name: 'a country with a digit', text: '1.0.0.0,1.0.0.0,A1\n', error: `1: 'A1' ${CODE}` },
    { name: 'no country', text: '1.0.0.0,1.0.0.0,\n', error: `1: '' ${CODE}` },
    { name: 'a country with a blank', text: '1.0.0.0,1.0.0.0,U \n', error: `1: 'U ' ${CODE}` },
    { name: 'a character of two octets', text: '1.0.0.0,1.0.0.0,é\n', error: `1: '??' ${CODE}` },
    { name: 'what lies below A', text: '1.0.0.0,1.0.0.0,A@\n', error: `1: 'A@' ${CODE}` },
    { name: 'what lies above Z', text: '1.0.0.0,1.0.0.0,[A\n', error: `1: '[A' ${CODE}` },
    { name: 'what lies below a', text: '1.0.0.0,1.0.0.0,`a\n', error: `1: '\`a' ${CODE}` },
    { name: 'what lies above z', text: '1.0.0.0,1.0.0.0,a{\n', error: `1: 'a{' ${CODE}` },
  ])('$name', ({ text, error }) => {
    expect(readRangeText('country', text)).toBe(`file.csv:${error}`)
  })
})

describe('addresses that are refused', () => {
  const mixed = (first: string): string => `in a file whose first row has ${first}: one form a file`
  const families = 'start and end are of different families'

  test.each([
    { name: 'a start that is none', rows: ['1.0.0,1.0.0.255'], error: "1: '1.0.0' is not an IPv4 address" },
    {
      name: 'an end that is none',
      rows: ['1.0.0.0,1.0.0.256'],
      error: "1: '1.0.0.256' is not an IPv4 address",
    },
    {
      name: 'a leading zero',
      rows: ['1.0.0.0,1.0.0.1', '1.0.0.01,1.0.0.2'],
      error: "2: '1.0.0.01' is not an IPv4 address",
    },
    {
      name: 'a blank',
      rows: ['1.0.0.0,1.0.0.1', ' 1.0.0.2,1.0.0.3'],
      error: "2: ' 1.0.0.2' is not an IPv4 address",
    },
    { name: 'an empty start', rows: ['1.0.0.0,1.0.0.1', ',1.0.0.3'], error: "2: '' is not an IPv4 address" },
    { name: 'a CIDR', rows: ['1.0.0.0/24,1.0.0.255'], error: "1: '1.0.0.0/24' is not an IPv4 address" },
    { name: 'IPv6 that is none', rows: ['2001::,2001:::'], error: "1: '2001:::' is not an IPv6 address" },
    { name: 'IPv6 with a zone', rows: ['fe80::%1,fe80::2'], error: "1: 'fe80::%1' is not an IPv6 address" },
    {
      name: 'a number that is none',
      rows: ['16777216,16777471', '16777472,x'],
      error: "2: 'x' is not an IPv4 address",
    },
    {
      name: 'a number above IPv6',
      rows: ['42540488161975842760550356425300246528,340282366920938463463374607431768211456'],
      error: "1: '340282366920938463463374607431768211456' is not an IPv6 address",
    },
    {
      name: 'a start above its end',
      rows: ['1.0.0.1,1.0.0.0'],
      error: '1: start 1.0.0.1 is above end 1.0.0.0',
    },
    {
      name: 'an IPv6 start above its end',
      rows: ['2001::,2001::1', '2001::2:0:0,2001::1:ffff:ffff'],
      error: '2: start 2001::2:0:0 is above end 2001::1:ffff:ffff',
    },
    {
      name: 'a number above its end',
      rows: ['16777472,16777471'],
      error: '1: start 16777472 is above end 16777471',
    },
    { name: 'two families in a row', rows: ['1.0.0.0,2001::'], error: `1: ${families}` },
    {
      name: 'two families in a row, IPv6 first',
      rows: ['::1,1.0.0.0'],
      error: `1: ${families}`,
    },
    {
      name: 'a number in a file of text',
      rows: ['1.0.0.0,1.0.0.1', '16777472,16777473'],
      error: `2: '16777472' ${mixed('addresses as text')}`,
    },
    {
      name: 'text in an IPv4 file of numbers',
      rows: ['16777216,16777217', '1.0.0.2,1.0.0.3'],
      error: `2: '1.0.0.2' ${mixed('IPv4 as numbers')}`,
    },
    {
      name: 'an IPv6 number in an IPv4 file of numbers',
      rows: ['16777216,16777217', '4294967296,4294967297'],
      error: `2: '4294967296' ${mixed('IPv4 as numbers')}`,
    },
    {
      name: 'text in an IPv6 file of numbers',
      rows: [
        '42540488161975842760550356425300246528,42540488161975842760550356425300246529',
        '2001::,2001::1',
      ],
      error: `2: '2001::' ${mixed('IPv6 as numbers')}`,
    },
  ])('$name', ({ rows, error }) => {
    expect(readRangeText('country', rows.map((row) => `${row},NL\n`).join(''))).toBe(`file.csv:${error}`)
    expect(readRangeText('asn', rows.map((row) => `${row},1,x\n`).join(''))).toBe(`file.csv:${error}`)
  })
})
