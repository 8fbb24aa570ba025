// What asnzone itself says of many addresses, for comparison with what other programs find in its exports.

import { join } from 'node:path'
import { readSnapshot, SNAPSHOT_FILE } from '../../../src/data/snapshot/snapshot.ts'
import { type Attributes, addressAttributes } from '../../../src/table/attributes.ts'
import { parseCidr } from '../../../src/table/cidr-text.ts'
import type { Table } from '../../../src/table/table.ts'
import { manyAddresses } from './asker.ts'

/** How many addresses of each family are compared. */
const PER_FAMILY = 2000

/** An address, and what is known of it; null for nothing. */
export interface Own {
  readonly address: string
  readonly attributes: Attributes | null
}

/** The table that compile-once.ts has made. */
export function ownTable(): Table {
  const table = readSnapshot(join(process.env.TEST_DATA_DIRECTORY!, SNAPSHOT_FILE))
  if (table === null) throw new Error('there is no snapshot')
  return table
}

/** Addresses of both families, always the same ones, half of them or more known. */
export function ownAnswers(table: Table): readonly Own[] {
  return manyAddresses(PER_FAMILY * 2).map((address) => ({
    address,
    attributes: addressAttributes(table, parseCidr(address).start),
  }))
}

export const isIpv4 = ({ address }: Own): boolean => !address.includes(':')
