import type { Answer } from '../harbor/answer.ts'
import { nextLink } from '../shared/link.ts'
import type { Call } from './client.ts'

type Place = Pick<Call, 'path' | 'query'>

/**
 * Where a list goes on (OCI distribution specification 1.1, "Listing Tags"; RFC 8288): relative or not, it is asked of
 * the same registry, whatever host a registry behind a proxy takes itself for.
 *
 * @param here where the answer is from
 * @returns undefined at the end of the list
 */
export function nextOf({ headers }: Answer, here: Place, origin: string): Place | undefined {
  const link = nextLink(headers['link'])
  const base = `${origin}${here.path}${here.query ?? ''}`
  if (link === undefined || !URL.canParse(link, base)) return undefined
  const { pathname, search } = new URL(link, base)
  return { path: pathname, query: search }
}
