// Requests of Postfix's policy delegation protocol (SMTPD_POLICY_README), cut out of a stream of octets.
//
//     request=smtpd_access_policy        name=value lines in any order,
//     client_address=192.0.2.1           unknown names are ignored,
//                                        an empty line ends the request
//
// What is trusted: nothing. What holds afterwards: names and values are UTF-8 without control characters, and no client
// makes us keep more than one request of the limits below.

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/** The end of a line, and an empty line. */
const END_OF_REQUEST = '\n\n'

/** Octets that a line may have, without its end. */
export const MOST_LINE_OCTETS = 4096

/** Attributes that a request may have. */
export const MOST_ATTRIBUTES = 100

/** Octets that a request may have. */
export const MOST_REQUEST_OCTETS = 32_768

/** The attributes of a request; of a name that comes twice, the last one counts. */
export interface Attributes extends Iterable<readonly [string, string]> {
  /** A value without spaces around it; undefined where the name is not among them. */
  get(name: string): string | undefined
}

/** Why the stream of a client can't be read any further. */
export type RequestFault = 'line too long' | 'too many attributes' | 'request too long'

const utf8 = new TextDecoder('utf-8', { fatal: true })

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/

/** Cuts the octets of one connection into requests. */
export class RequestReader {
  readonly #line = new Uint8Array(MOST_LINE_OCTETS + 1)
  #lineOctets = 0
  #requestOctets = 0
  #attributes = new Map<string, string>()
  #fault: RequestFault | null = null
  /** Lines that were no `name=value`, or whose value is not text, since the start; they are passed over. */
  passedOver = 0

  /** Whether a request has begun and not ended. */
  get isWithin(): boolean {
    return this.#requestOctets > 0
  }

  /** Why nothing more is read; null while all is well. */
  get fault(): RequestFault | null {
    return this.#fault
  }

  /** Reads octets; calls `onRequest` for each request that they end, in order. After a fault it reads nothing. */
  read(octets: Uint8Array, onRequest: (attributes: Attributes) => void): void {
    for (
      let at = this.isWithin ? 0 : readPlain(octets, onRequest);
      at < octets.length && this.#fault === null;
    ) {
      const found = octets.indexOf(LINE_FEED, at)
      const end = found < 0 ? octets.length : found
      this.#append(octets.subarray(at, end))
      at = end
      if (found < 0 || this.#fault !== null) return
      at++
      this.#requestOctets++
      this.#endLine(onRequest)
    }
  }

  #append(octets: Uint8Array): void {
    this.#requestOctets += octets.length
    if (this.#lineOctets + octets.length > this.#line.length) this.#fault = 'line too long'
    else if (this.#requestOctets > MOST_REQUEST_OCTETS) this.#fault = 'request too long'
    else {
      this.#line.set(octets, this.#lineOctets)
      this.#lineOctets += octets.length
    }
  }

  #endLine(onRequest: (attributes: Attributes) => void): void {
    let length = this.#lineOctets
    if (length > 0 && this.#line[length - 1] === CARRIAGE_RETURN) length--
    const isFirst = this.#requestOctets === this.#lineOctets + 1
    this.#lineOctets = 0
    if (length > MOST_LINE_OCTETS) {
      this.#fault = 'line too long'
      return
    }
    if (length === 0) {
      const attributes = this.#attributes
      this.#attributes = new Map()
      this.#requestOctets = 0
      // A lone empty line is not a request. One of nothing but lines that were passed over is: its client waits.
      if (!isFirst) onRequest(attributes)
      return
    }
    this.#addAttribute(this.#line.subarray(0, length))
  }

  #addAttribute(line: Uint8Array): void {
    const text = decode(line)
    const equals = text?.indexOf('=') ?? -1
    if (text === null || equals <= 0 || CONTROL.test(text)) {
      this.passedOver++
      return
    }
    const name = text.slice(0, equals).trim()
    this.#attributes.set(name, text.slice(equals + 1).trim())
    if (this.#attributes.size > MOST_ATTRIBUTES) this.#fault = 'too many attributes'
  }
}

/** What nearly every request is: lines of a name and a value in printable ASCII, and an empty one. */
const PLAIN = new RegExp(`^(?:[!-<>-~]+=[ -~]*\\n){1,${MOST_ATTRIBUTES}}\\n$`)

/**
 * Reads whole requests of plain lines at the beginning of what has come, each at once: line by line they cost five
 * times as much.
 *
 * @returns where the first octet is that was not read
 */
function readPlain(octets: Uint8Array, onRequest: (attributes: Attributes) => void): number {
  const text = decode(octets)
  // A letter beyond ASCII has several octets: what comes with one is not plain.
  if (text?.length !== octets.length) return 0
  for (let at = 0; ; ) {
    const found = text.indexOf(END_OF_REQUEST, at)
    const end = found + END_OF_REQUEST.length
    if (found < 0 || end - at > MOST_LINE_OCTETS) return at
    const lines = text.slice(at, end)
    if (!PLAIN.test(lines)) return at
    onRequest(new PlainAttributes(lines))
    at = end
  }
}

/** The attributes in plain lines, each looked for when it is wanted: few are. */
class PlainAttributes implements Attributes {
  readonly #lines: string

  /** @param lines each with its end */
  constructor(lines: string) {
    this.#lines = lines
  }

  get(name: string): string | undefined {
    const begin = beginOfValue(this.#lines, name)
    return begin < 0 ? undefined : this.#lines.slice(begin, this.#lines.indexOf('\n', begin)).trim()
  }

  *[Symbol.iterator](): Generator<readonly [string, string]> {
    for (const [, name] of this.#lines.matchAll(/^([^=\n]+)=/gm)) yield [name, this.get(name) ?? '']
  }
}

/** Where the value of a name begins, the last time that it comes; -1 when it doesn't. */
function beginOfValue(lines: string, name: string): number {
  const beginOfLine = beginOfLater(name)
  let begin = -1
  // Forwards, because V8 looks faster that way, and nearly every name comes once.
  for (let at = lines.indexOf(beginOfLine); at >= 0; at = lines.indexOf(beginOfLine, begin)) {
    begin = at + beginOfLine.length
  }
  if (begin < 0 && lines.startsWith(name) && lines[name.length] === '=') return name.length + 1
  return begin
}

/** By name. */
const BEGINS = new Map<string, string>()

/** How each line but the first begins that has a name; made once for each, and they are those of the code and the settings. */
function beginOfLater(name: string): string {
  const known = BEGINS.get(name)
  if (known !== undefined) return known
  const begin = `\n${name}=`
  BEGINS.set(name, begin)
  return begin
}

function decode(octets: Uint8Array): string | null {
  try {
    return utf8.decode(octets)
  } catch {
    return null
  }
}
