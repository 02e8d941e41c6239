import { textOf, type Answer } from './answer.ts'
import { UnexpectedAnswer } from './errors.ts'

/** Where an upload goes on: path and query under a registry's host. */
export interface UploadPlace {
  readonly path: string
  /** With its question mark. There are secrets in it. */
  readonly query: string
}

/**
 * Where an upload goes on, by the Location of the answer that began it (OCI distribution specification 1.1, "Pushing
 * blobs").
 *
 * @param here the path that was asked
 * @throws UnexpectedAnswer when that is nowhere, or at another origin, which would get no credentials
 */
export function uploadOf({ headers, exchange }: Answer, here: string, origin: string): UploadPlace {
  const location = textOf(headers['location'])
  if (location === '' || !URL.canParse(location, origin + here)) {
    const message = 'the answer does not say where to upload to (Location); is this a registry?'
    throw new UnexpectedAnswer('NO_LOCATION', message, exchange)
  }
  const target = new URL(location, origin + here)
  if (target.origin !== origin) {
    const message = `names ${target.origin} as the place to upload to, which gets no credentials; have the registry name itself as ${origin} (behind a proxy: pass Host and X-Forwarded-Proto on to it, or have it answer with relative URLs)`
    throw new UnexpectedAnswer('ELSEWHERE', message, exchange)
  }
  return { path: target.pathname, query: target.search }
}

/** The place that an upload of all bytes is put to. */
export function endOf({ path, query }: UploadPlace, digest: string): UploadPlace {
  return { path, query: `${query === '' ? '?' : `${query}&`}digest=${encodeURIComponent(digest)}` }
}
