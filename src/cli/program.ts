// The command line as a whole: what it runs, and what help, manual and completion are made of.

import { Command } from 'commander'
import { lineWidth, printOwnText } from '../print.ts'
import { printable } from '../printable.ts'
import { VERSION } from '../version.ts'
import { addBuild } from './build.ts'
import { addCheck } from './check.ts'
import { addCompletion } from './completion.ts'
import { addExport } from './export.ts'
import { folded } from './fold.ts'
import { addInit } from './init.ts'
import { addLearn } from './learn.ts'
import { addLookup } from './lookup.ts'
import { addPolicy } from './policy.ts'
import { addProbe } from './probe.ts'
import { addQuery } from './query.ts'
import { addReload } from './reload.ts'
import { addReopen } from './reopen.ts'
import { addServe } from './serve.ts'
import { addStats } from './stats.ts'
import { addStatus } from './status.ts'
import { addUpdate } from './update.ts'
import { addZones } from './zones.ts'

/** All commands, one file each beside this one. */
export function createProgram(): Command {
  const program = new Command('asnzone')
    .description('A DNS server that tells who runs an IP address, where it is and how far it can be trusted.')
    .version(VERSION)
    .configureOutput({
      writeOut: (text) => printOwnText(folded(text, lineWidth())),
      outputError: (text, write) => write(text.split('\n').map(printable).join('\n')),
    })
    // Summaries begin at column 40 of 80.
    .configureHelp({ minWidthToWrap: 30 })
    .addHelpText(
      'after',
      `
Examples:
  asnzone serve                  answer on 127.0.0.1:5300 and [::1]:5300
  dig @127.0.0.1 -p 5300 +short TXT 8.8.8.8.geo.asnzone.internal
  asnzone lookup 8.8.8.8 AS3333  the same data without a server`,
    )
  addServe(program)
  addUpdate(program)
  addStatus(program)
  addReload(program)
  addReopen(program)
  addLookup(program)
  addQuery(program)
  addProbe(program)
  addZones(program)
  addExport(program)
  addBuild(program)
  addStats(program)
  addLearn(program)
  addPolicy(program)
  addCheck(program)
  addInit(program)
  addCompletion(program)
  nameHelp(program, 'asnzone')
  return program
}

/** Who got a command wrong is sent to the help of that one. */
function nameHelp(command: Command, name: string): void {
  command.showHelpAfterError(`(see ${name} --help)`)
  for (const one of command.commands) nameHelp(one, `${name} ${one.name()}`)
}
