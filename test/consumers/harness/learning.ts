// What asnzone has learned on a machine: verdicts that the tests make.

import type { Machine } from './machine.ts'

/** Verdicts on the network of an address. */
export type Lesson = readonly [address: string, verdict: 'spam' | 'ham']

/** Lets asnzone learn ten verdicts on a client's network, on ten addresses of its /24, and take them into service. */
export async function teach(machine: Machine, config: string, ...verdicts: readonly Lesson[]): Promise<void> {
  const at = ['--config', config, '--data-dir', '/var/lib/asnzone']
  const now = Math.floor(Date.now() / 1000)
  const lines = verdicts.flatMap(([address, verdict]) =>
    Array.from({ length: 10 }, (_, last) => `${now} ${address.replace(/\d+$/, `${last + 1}`)} ${verdict}\n`),
  )
  await machine.must('asnzone', ['learn', ...at], { input: lines.join('') })
  await machine.must('asnzone', ['reload', ...at])
}
