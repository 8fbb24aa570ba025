// /api/as/15169/holdings and /api/country/US: what an AS or a country has, and how many queries were about it.

import type { Context, Hono } from 'hono'
import { MAX_ASN } from '../table/layout.ts'
import type { Holder } from './holdings.ts'
import { HoldingsService } from './holdings-service.ts'
import type { ServerView } from './server-view.ts'
import type { Statistics } from './statistics.ts'

/** Has an application answer for them. */
export function addHoldings(hono: Hono, { reloader }: ServerView, statistics: Statistics): void {
  const holdings = new HoldingsService(() => reloader.table)
  const tell = async (context: Context, holder: Holder): Promise<Response> =>
    context.json({ ...(await holdings.of(holder)), queries: statistics.shareOf(holder) })
  hono.get('/api/as/:number/holdings', async (context) => {
    const text = context.req.param('number')
    const asn = Number(/^(?:AS)?([1-9]\d{0,9})$/i.exec(text)?.[1])
    if (asn <= MAX_ASN) return tell(context, { asn })
    return context.json({ error: `'${text}' is not an AS number such as AS15169` }, 400)
  })
  hono.get('/api/country/:code', async (context) => {
    const code = context.req.param('code')
    if (/^[a-z]{2}$/i.test(code)) return tell(context, { country: code.toUpperCase() })
    return context.json({ error: `'${code}' is not the code of a country such as US` }, 400)
  })
}
