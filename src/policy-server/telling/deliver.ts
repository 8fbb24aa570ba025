// Carries a message to a mail server or to a webhook, once. It takes as long as the other side takes, for at most half a
// minute: it is called in a thread that does nothing else.

import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { VERSION } from '../../version.ts'
import { inLine, type MailText } from './notice.ts'
import type { Message, Outcome } from './queue.ts'
import type { MailSettings, SmtpSettings } from './settings.ts'

/** Milliseconds that a try may take, and a connection. */
const [TRY_MS, CONNECT_MS] = [30_000, 10_000]

/** What is told of an answer, in characters. */
const MAX_REASON = 200

/** Answers of a webhook that another try may change, besides those from 500 on. */
const PASSING = [408, 421, 425, 429]

/** A mail to be sent. */
export interface MailDelivery extends Message, MailText {
  readonly channel: 'mail'
  readonly envelope: Pick<MailSettings, 'to' | 'from'>
  readonly smtp: SmtpSettings
}

/** A webhook to be called. */
export interface WebhookDelivery extends Message {
  readonly channel: 'webhook'
  readonly url: string
  readonly key: string | null
  /** JSON. */
  readonly body: string
}

/** Something to be told, and how. */
export type Delivery = MailDelivery | WebhookDelivery

/** Tells somebody. Never rejects. */
export async function deliver(delivery: Delivery): Promise<Outcome> {
  try {
    return await (delivery.channel === 'mail' ? sendMail(delivery) : callWebhook(delivery))
  } catch (error) {
    return failed(delivery, error as Error, false)
  }
}

async function sendMail(delivery: MailDelivery): Promise<Outcome> {
  // Loaded when there is mail to be sent.
  const { createTransport } = await import('nodemailer')
  const { envelope, smtp, subject, text, html, id } = delivery
  const { host, port, helo, username, password, tls, ca } = smtp
  const transport = createTransport({
    host,
    port,
    name: helo,
    secure: tls === 'on-connect',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(username !== '' && { auth: { user: username, pass: password } }),
    ...(ca !== null && { tls: { ca } }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: TRY_MS,
    dnsTimeout: CONNECT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const sent = transport.sendMail({
    from: envelope.from,
    to: [...envelope.to],
    subject,
    ...(html === null ? { text: text ?? '' } : { html }),
    messageId: `<${id}@${envelope.from.slice(envelope.from.lastIndexOf('@') + 1)}>`,
    headers: { 'Auto-Submitted': 'auto-generated', Precedence: 'bulk', 'X-Auto-Response-Suppress': 'All' },
  })
  try {
    const { rejectedErrors = [] } = await inTime(sent)
    // Told again it would come twice to the others.
    return {
      kind: 'sent',
      refused: rejectedErrors.length === 0 ? undefined : reasonOf(delivery, rejectedErrors),
    }
  } catch (error) {
    const { responseCode = 0, code } = error as Error & { responseCode?: number; code?: string }
    // A password may be mended meanwhile; a mail that is refused stays refused.
    return failed(delivery, error as Error, responseCode >= 500 && code !== 'EAUTH')
  } finally {
    transport.close()
  }
}

async function callWebhook(delivery: WebhookDelivery): Promise<Outcome> {
  const { url, key, body, id } = delivery
  const time = String(Math.floor(Date.now() / 1000))
  const response = await fetch(url, {
    method: 'POST',
    body,
    // Who answers with another address doesn't get to know what was meant for this one.
    redirect: 'manual',
    signal: AbortSignal.timeout(TRY_MS),
    headers: {
      'content-type': 'application/json',
      'user-agent': `asnzone/${VERSION}`,
      'x-asnzone-delivery': id,
      'x-asnzone-timestamp': time,
      ...(key !== null && { 'x-asnzone-signature': signatureOf(key, time, body) }),
    },
  })
  await response.body?.cancel()
  if (response.ok) return { kind: 'sent' }
  const { status } = response
  const isFinal = status < 500 && !PASSING.includes(status)
  return failed(delivery, new Error(`it answered ${status}`), isFinal)
}

/** `sha256=` and the HMAC (RFC 2104) of the time, a dot and the body, in hexadecimal digits. */
export function signatureOf(key: string, time: string, body: string): string {
  return `sha256=${createHmac('sha256', key).update(`${time}.${body}`).digest('hex')}`
}

async function inTime<Value>(promise: Promise<Value>): Promise<Value> {
  const over = new AbortController()
  const late = sleep(TRY_MS, undefined, { signal: over.signal }).then(() => {
    throw new Error(`it took more than ${TRY_MS / 1000} s`)
  })
  // Whichever comes second is nobody's.
  promise.catch(() => {})
  late.catch(() => {})
  try {
    return await Promise.race([promise, late])
  } finally {
    over.abort()
  }
}

/** Why, in one short line that tells no secret. */
function failed(delivery: Delivery, error: Error, isFinal: boolean): Outcome {
  return { kind: 'failed', reason: reasonOf(delivery, [error]), isFinal }
}

function reasonOf(delivery: Delivery, errors: readonly Error[]): string {
  const secrets =
    delivery.channel === 'mail' ? [delivery.smtp.password] : [delivery.key ?? '', pathOf(delivery.url)]
  let reason = errors
    .map(({ message, cause }) => (cause instanceof Error ? `${message}: ${cause.message}` : message))
    .join('; ')
  for (const secret of secrets) if (secret.length > 1) reason = reason.replaceAll(secret, '…')
  return [...inLine(reason)].slice(0, MAX_REASON).join('')
}

/** The part of a URL that may be a secret. */
function pathOf(url: string): string {
  const { pathname, search } = new URL(url)
  return `${pathname}${search}`
}
