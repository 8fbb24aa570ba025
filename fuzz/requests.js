// Hostile HTTP requests, as octets: heads that are nearly right, and bodies that don't belong to them.

const METHODS = [
  'GET',
  'GET',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'PATCH',
  'get',
  'PRI',
  'X',
  '',
]

const PATHS = [
  '/',
  '//',
  '///',
  '/lookup',
  '/lookup?q=8.8.8.8',
  '/statistics',
  '/policy',
  '/metrics',
  '/healthz',
  '/readyz',
  '/api/status',
  '/api/stats?interval=2026-01',
  '/api/stats?interval=%00',
  '/api/lookup/8.8.8.8',
  '/api/lookup/::',
  '/api/lookup/%',
  '/api/lookup/%2e%2e%2f',
  '/api/lookup/%ff%fe',
  '/api/lookup/AS0',
  '/api/as/99999999999999999999',
  '/api/as/-1',
  '/origin-asn-ipv4.csv',
  '/asn-ipv4.csv',
  '/asn-country-ipv6.csv',
  '/nosuch',
  '/../../etc/passwd',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/style.css/../../package.json',
  '/style.css%00.js',
  'http://127.0.0.1/',
  'http://[::1',
  'http://user:pw@x/',
  'https://x:99999/',
  '*',
  '?',
  '#',
  '',
  'x',
  '/\\\\x',
  '/\u00e4\u00f6',
  '/?a=1&a=2&__proto__=3',
]

const HEADERS = [
  'Accept: text/html',
  'Accept: */*;q=9',
  'Accept-Encoding: gzip, br, identity;q=0',
  'Authorization: Basic',
  'Authorization: Basic ====',
  'Authorization: Bearer x',
  'Authorization: Bearer ',
  'If-None-Match: "x"',
  'If-None-Match: *',
  'If-Modified-Since: yesterday',
  'Range: bytes=0-',
  'Range: bytes=99999999999-1',
  'Connection: close',
  'Connection: upgrade',
  'Upgrade: websocket',
  'Upgrade: h2c',
  'HTTP2-Settings: AAA',
  'Expect: 100-continue',
  'Expect: x',
  'Content-Length: 0',
  'Content-Length: 5',
  'Transfer-Encoding: chunked',
  'Cookie: a=b; c',
  'X-Forwarded-For: 127.0.0.1',
  'Origin: http://evil.example',
  'Sec-Fetch-Site: cross-site',
  '__proto__: x',
]

// What parsers of HTTP have been led astray by.
const WRONG_HEADERS = [
  'Content-Length: -1',
  'Content-Length: 18446744073709551616',
  'Content-Length: 5, 6',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding : chunked',
  ': no name',
  'No colon',
  ' folded',
  'Transfer-Encoding: gzip',
  'Host: ',
  'Host: //',
  'Host: [::1',
  'Host: [::1]:99999',
  'Host: evil.example',
  'Host: 127.0.0.1:1:2:3',
  'Host: a b',
  'Host: 127.0.0.1',
  'Host: localhost',
]

const BODIES = [
  '',
  'hello',
  '5\r\nhello\r\n0\r\n\r\n',
  'FFFFFFFFFFFFFFFFF\r\nx',
  '-1\r\n',
  '{"a":',
  'GET / HTTP/1.1\r\n\r\n',
]

const VERSIONS = [
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/2.0',
  'HTTP/9.9',
  'HTTP/',
  '',
]

const ENDS = ['\r\n', '\r\n', '\r\n', '\n', '\r', '\r\n\r\n']

/**
 * The octets of one connection: one request or several behind each other.
 *
 * @param {import('./random.js').Random} random
 */
export function composeRequests(random) {
  if (random.onceIn(20)) return Buffer.from(random.octets(random.below(2000)))
  const requests = random.onceIn(4) ? 1 + random.below(8) : 1
  const octets = Buffer.concat(Array.from({ length: requests }, () => composeRequest(random)))
  return random.onceIn(6) ? damaged(octets, random) : octets
}

function composeRequest(random) {
  const end = random.onceIn(12) ? random.of(ENDS) : '\r\n'
  const headers = random.onceIn(12) ? [] : ['Host: 127.0.0.1']
  const others = random.onceIn(200) ? 3000 : random.below(4)
  for (let i = 0; i < others; i++) headers.push(random.of(random.onceIn(8) ? WRONG_HEADERS : HEADERS))
  if (random.onceIn(50)) headers.push(`X-Long: ${'x'.repeat(random.below(40_000))}`)
  const path = random.onceIn(50) ? `/${'a'.repeat(random.below(20_000))}` : random.of(PATHS)
  const method = random.onceIn(3) ? random.of(METHODS) : 'GET'
  const line = `${method} ${path} ${random.onceIn(8) ? random.of(VERSIONS) : 'HTTP/1.1'}`
  return Buffer.from([line, ...headers, '', random.onceIn(4) ? random.of(BODIES) : ''].join(end), 'latin1')
}

/** The same octets with some of them changed, doubled, left out, or cut off. */
function damaged(octets, random) {
  const copy = Buffer.from(octets)
  const at = random.below(copy.length + 1)
  switch (random.below(4)) {
    case 0:
      for (let i = random.below(8); i >= 0 && copy.length > 0; i--)
        copy[random.below(copy.length)] = random.below(256)
      return copy
    case 1:
      return copy.subarray(0, at)
    case 2:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(random.below(at + 1))])
    default:
      return Buffer.concat([
        copy.subarray(0, at),
        Buffer.from(random.octets(random.below(40))),
        copy.subarray(at),
      ])
  }
}
