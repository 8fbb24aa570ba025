// What the server does with any query, over whichever transport: one suite, run in this process, over UDP and
// over TCP. Its questions have the same answers from the small table and from the bundled data.

import { describe } from 'vitest'
import { Asker } from './asker.ts'
import { answerTests } from './protocol-suite/answers.suite.ts'
import { ednsTests } from './protocol-suite/edns.suite.ts'
import { headerTests } from './protocol-suite/header.suite.ts'
import { malformedTests } from './protocol-suite/malformed.suite.ts'
import { negativeTests } from './protocol-suite/negatives.suite.ts'
import { truncationTests } from './protocol-suite/truncation.suite.ts'
import type { Transport } from './transports.ts'

/**
 * Registers the suite.
 *
 * @param title names the transport
 * @param open gives the transport; called by each test when it runs
 */
export function protocolSuite(title: string, open: () => Transport): void {
  describe(title, () => {
    const asker = new Asker(open)
    describe('header', () => headerTests(asker))
    describe('answers', () => answerTests(asker))
    describe('negative answers', () => negativeTests(asker))
    describe('EDNS', () => ednsTests(asker))
    describe('length', () => truncationTests(asker))
    describe('malformed queries', () => malformedTests(asker))
  })
}
