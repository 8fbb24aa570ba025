// A mail server that takes what it gets, over real sockets (RFC 5321, STARTTLS of RFC 3207, AUTH of RFC 4954), and can be
// as awkward as a real one.

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { Arrivals } from './arrivals.ts'
import type { Certificates } from './certificates.ts'

/** A mail as it came. */
export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  readonly isSecured: boolean
  /** User and password; null without. */
  readonly login: string | null
  /** Headers and text, CRLF and dots as they were meant. */
  readonly data: string
}

/** How a server is. */
export interface SinkOptions {
  /** What it says when a mail is done, such as `451 4.3.0 try later`; accepted unless given. */
  readonly answer?: () => string
  /** Says nothing, ever. */
  readonly isMute?: boolean
  /** Offers STARTTLS with a certificate. */
  readonly certificates?: Certificates
  /** Begins with TLS. */
  readonly isTlsAtOnce?: boolean
  /** Whom it lets in: user and password with a blank between; everybody unless given. */
  readonly login?: string
}

/** A running server. */
export class SmtpSink {
  readonly mails: ReceivedMail[] = []
  /** Connections so far. */
  connections = 0
  readonly #server: Server
  readonly #options: SinkOptions
  readonly #sockets = new Set<Socket>()
  readonly #arrivals = new Arrivals()

  private constructor(options: SinkOptions) {
    this.#options = options
    this.#server = createServer((socket) => {
      this.connections++
      this.#sockets.add(socket)
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
      this.#look()
      if (options.isMute) return
      if (options.isTlsAtOnce) this.#converse(this.#secured(socket), true, true)
      else this.#converse(socket, false, true)
    })
  }

  static async start(options: SinkOptions = {}): Promise<SmtpSink> {
    const sink = new SmtpSink(options)
    await new Promise<void>((resolve) => sink.#server.listen(0, '127.0.0.1', resolve))
    return sink
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** So many mails, when they have come. */
  received(count: number): Promise<readonly ReceivedMail[]> {
    return this.until(() => (this.mails.length < count ? undefined : this.mails))
  }

  /** What a function finds, when it finds something. */
  until<Found>(find: () => Found | undefined): Promise<Found> {
    return this.#arrivals.until(find)
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #look(): void {
    this.#arrivals.look()
  }

  #secured(socket: Socket): TLSSocket {
    const { cert, key } = this.#options.certificates ?? { cert: '', key: '' }
    const secured = new TLSSocket(socket, { isServer: true, cert, key })
    secured.on('error', () => {})
    return secured
  }

  #converse(socket: Socket, isSecured: boolean, isGreeted: boolean): void {
    const { answer = () => '250 2.0.0 taken', certificates, login: wanted } = this.#options
    let [received, from, login, isData] = ['', '', null as string | null, false]
    let to: string[] = []
    const say = (line: string): void => void socket.write(`${line}\r\n`)
    const command = (line: string): void => {
      const verb = line.slice(0, 4).toUpperCase()
      const address = /<([^>]*)>/.exec(line)?.[1] ?? ''
      if (verb === 'EHLO') {
        const offers = ['sink', ...(certificates && !isSecured ? ['STARTTLS'] : []), 'AUTH PLAIN', 'SMTPUTF8']
        for (const [i, offer] of offers.entries()) say(`250${i < offers.length - 1 ? '-' : ' '}${offer}`)
      } else if (verb === 'STAR' && certificates !== undefined) {
        say('220 2.0.0 go ahead')
        socket.removeAllListeners('data')
        this.#converse(this.#secured(socket), true, false)
      } else if (verb === 'AUTH') {
        const [, user, password] = Buffer.from(line.slice('AUTH PLAIN '.length), 'base64')
          .toString()
          .split('\0')
        login = `${user} ${password}`
        say(wanted === undefined || wanted === login ? '235 2.7.0 hello' : '535 5.7.8 who are you')
      } else if (verb === 'MAIL') {
        from = address
        to = []
        say('250 2.1.0 ok')
      } else if (verb === 'RCPT') {
        const isKnown = !address.startsWith('gone@')
        if (isKnown) to.push(address)
        say(isKnown ? '250 2.1.5 ok' : '550 5.1.1 nobody of that name')
      } else if (verb === 'DATA') {
        isData = true
        say('354 go on')
      } else if (verb === 'QUIT') {
        say('221 2.0.0 bye')
        socket.end()
      } else say('500 5.5.1 what')
    }
    socket.on('data', (octets: Buffer) => {
      received += octets.toString('latin1')
      for (;;) {
        const end = received.indexOf(isData ? '\r\n.\r\n' : '\r\n')
        if (end < 0) return
        const text = received.slice(0, end)
        received = received.slice(end + (isData ? 5 : 2))
        if (!isData) {
          command(text)
          continue
        }
        isData = false
        const said = answer()
        if (said.startsWith('2'))
          this.mails.push({ from, to, isSecured, login, data: text.replace(/^\.\./gm, '.') })
        say(said)
        this.#look()
      }
    })
    if (isGreeted) say('220 sink ESMTP')
  }
}

/** The headers of a mail by their names in lower case; folded lines are one. */
export function headersOf({ data }: Pick<ReceivedMail, 'data'>): ReadonlyMap<string, string> {
  const [head] = data.split('\r\n\r\n', 1)
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n')
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
}

/** The text of a mail of one part, decoded (RFC 2045). */
export function textOf(mail: Pick<ReceivedMail, 'data'>): string {
  const body = mail.data.slice(mail.data.indexOf('\r\n\r\n') + 4)
  const encoding = headersOf(mail).get('content-transfer-encoding') ?? '7bit'
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString()
  if (encoding !== 'quoted-printable') return body.replaceAll('\r\n', '\n')
  const octets = body
    .replaceAll('=\r\n', '')
    .replace(/=([\dA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(octets, 'latin1').toString().replaceAll('\r\n', '\n')
}
