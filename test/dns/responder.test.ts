// The responder in this process, on the small table.

import { Responder } from '../../src/dns/responder.ts'
import { protocolSuite } from '../support/protocol.suite.ts'
import { smallTable, smallZoneSet } from '../support/small-table.ts'
import { inProcess } from '../support/transports.ts'

const responder = new Responder(smallTable(), smallZoneSet())

protocolSuite('limits of UDP', () => inProcess(responder, 'udp'))
protocolSuite('limits of TCP', () => inProcess(responder, 'tcp'))
