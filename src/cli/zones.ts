// asnzone zones: what is served, with a question and its answer for each zone.

import type { Command } from 'commander'
import { prepare } from '../app/prepare.ts'
import { answeringOf } from '../app/setup.ts'
import { askResponder } from '../dns/ask-responder.ts'
import { Responder } from '../dns/responder.ts'
import { print } from '../print.ts'
import type { Table } from '../table/table.ts'
import { type ExampleQuestion, exampleQuestion } from '../zones/example.ts'
import type { ZoneSet } from '../zones/zone-set.ts'
import { addSettingOptions, settingsOf } from './options.ts'

/** Adds the command. */
export function addZones(program: Command): void {
  const command = program
    .command('zones')
    .summary('list the zones that are served')
    .description('Lists every zone with a sample question and the answer that the data gives to it.')
    .addHelpText(
      'after',
      `
A zone that exists for each country is shown once, for the country of its example.

Examples:
  asnzone zones
  asnzone zones --domain example.net --disable nerd-dk`,
    )
  addSettingOptions(command, ['domain', 'zones', 'disable']).action(async (options) => {
    const { table, zoneSet } = await prepare(answeringOf(settingsOf(options)))
    print(describeZones(table, zoneSet))
  })
}

/** One block a zone: its name, who defines it, and a question with its answer. */
function describeZones(table: Table, zoneSet: ZoneSet): string[] {
  const responder = new Responder(table, zoneSet)
  return zoneSet.zones.flatMap((zone) => {
    const question = exampleQuestion(zone)
    const head = `${zone.name}  (${zone.body.id})`
    if (question === null) return zone.body.definition.example === undefined ? [head, ''] : []
    return [head, `  ${question.type} ${question.name}`, `  ${answersOf(responder, question)}`, '']
  })
}

function answersOf(responder: Responder, question: ExampleQuestion): string {
  const answer = askResponder(responder, question.name, question.type)
  if (answer !== '') return answer
  const settings = Object.keys(question.settings)
  if (settings.length === 0) return `no answer from this data (${question.answer} is the sample's)`
  const [word, them] = settings.length === 1 ? ['setting', 'it'] : ['settings', 'them']
  return `needs the ${word} ${settings.join(' and ')}, as the sample has ${them}: ${question.answer}`
}
