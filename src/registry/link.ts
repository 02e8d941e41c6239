import { textOf, type Answer } from '../harbor/answer.ts'
import { UnexpectedAnswer } from '../harbor/errors.ts'
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
  const [, link] = /<([^>]*)>\s*;[^,<]*\brel="?next\b/i.exec([headers['link']].flat().join(', ')) ?? []
  const base = `${origin}${here.path}${here.query ?? ''}`
  if (link === undefined || !URL.canParse(link, base)) return undefined
  const { pathname, search } = new URL(link, base)
  return { path: pathname, query: search }
}

/**
 * Where an upload goes on, by the Location of the answer that began it.
 *
 * @throws UnexpectedAnswer when that is nowhere, or at another origin, which would get no credentials
 */
export function uploadOf({ headers, exchange }: Answer, here: Place, origin: string): Place {
  const location = textOf(headers['location'])
  if (location === '' || !URL.canParse(location, origin + here.path)) {
    const message = 'the answer does not say where to upload to (Location); is this a registry?'
    throw new UnexpectedAnswer('NO_LOCATION', message, exchange)
  }
  const target = new URL(location, origin + here.path)
  if (target.origin !== origin) {
    const message = `names ${target.origin} as the place to upload to, which gets no credentials; have the registry name itself as ${origin} (behind a proxy: pass Host and X-Forwarded-Proto on to it, or have it answer with relative URLs)`
    throw new UnexpectedAnswer('ELSEWHERE', message, exchange)
  }
  return { path: target.pathname, query: target.search }
}
