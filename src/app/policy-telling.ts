// Who is told when an account is refused, from the settings; the files that they name are read.

import type { PolicySetting } from '../config/policy/policy.ts'
import { readText } from '../config/yaml-file.ts'
import { AsnzoneError } from '../errors.ts'
import { normalSubject } from '../policy/subject.ts'
import type { Known, MailSettings, TellingConduct } from '../policy-server/telling/settings.ts'

/** The longest text of a mail, in characters. */
const MAX_BODY = 65_536

/**
 * What the settings say of it; null where nobody is told.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when a file can't be read, or is nothing that could be sent.
 */
export function tellingOf({ notify, known, subject }: PolicySetting): TellingConduct | null {
  if (notify === null) return null
  const { mail, webhook, every, digest } = notify
  return {
    mail:
      mail === null
        ? null
        : { ...mail, body: bodyOf(mail.body), smtp: { ...mail.smtp, ca: textOf(mail.smtp.ca) } },
    webhook,
    every,
    digest,
    known: knownOf(known, subject),
  }
}

function bodyOf(file: string | null): MailSettings['body'] {
  if (file === null) return null
  const text = readText(file, 'ASNZONE_CONFIG')
  if (text.length > MAX_BODY) {
    throw new AsnzoneError(
      'ASNZONE_CONFIG',
      `policy.notify.body ${file}: it has more than ${MAX_BODY} characters`,
    )
  }
  return { text, isHtml: !/\.txt$/i.test(file) }
}

function knownOf(known: PolicySetting['known'], subject: PolicySetting['subject']): Known {
  if (known.kind !== 'file') return known
  const lines = readText(known.file, 'ASNZONE_CONFIG').split(/\r?\n/)
  const names = lines.flatMap((line) => {
    if (/^\s*(#|$)/.test(line)) return []
    return normalSubject(line, subject) ?? []
  })
  return { kind: 'list', names: new Set(names) }
}

const textOf = (file: string | null): string | null =>
  file === null ? null : readText(file, 'ASNZONE_CONFIG')
