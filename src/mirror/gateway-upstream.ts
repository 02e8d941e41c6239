import { request, type Dispatcher } from 'undici'
import { errorOf, UnexpectedAnswer, Unreachable, type Exchange, type HarborError } from '../harbor/errors.ts'
import { basic, textOf, type Credentials } from '../harbor/http.ts'
import { unreachable } from '../harbor/unreachable.ts'
import { codeOf, messageOf } from '../shared/failure.ts'
import type { Given } from './blob-chunks.ts'

/** Where the gateway reads. */
export interface Origin {
  /** Harbor: scheme, host, and path prefix if any, without a slash at the end. */
  readonly url: string
  readonly credentials?: Credentials
  /**
   * Best one of its own: a blob that the target takes slowly holds its connection for as long as that takes. Where
   * it limits an answer's size, larger blobs are read in several.
   */
  readonly dispatcher: Dispatcher
}

export interface Asked {
  readonly method: 'GET' | 'HEAD'
  /** Path under Harbor's URL. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** Asked for by this name, Harbor doesn't count a pull (src/server/registry/manifest.go; measured with v2.15.1). */
const UNCOUNTED_CLIENT = 'harbor-registry-client'
const MOST_REDIRECTS = 5
const REDIRECTS = new Set([301, 302, 303, 307, 308])
const LONGEST_ERROR = 2 ** 16
const STORAGE =
  'that is the storage behind Harbor: it must be reached from here, or Harbor must not redirect to it (`storage_service.redirect.disable` in its harbor.yml)'

/** One request at a time of Harbor, and of the storage that it redirects to. */
export class Upstream {
  readonly #origin: Origin
  readonly #authorization: { readonly authorization?: string }

  constructor(origin: Origin) {
    this.#origin = origin
    const { credentials } = origin
    this.#authorization = credentials === undefined ? {} : { authorization: basic(credentials) }
  }

  /**
   * Asks once. Redirects are followed; the credentials don't come along to another origin, nor back from there.
   *
   * @throws HarborError
   */
  async ask(asked: Asked): Promise<Given> {
    const { url } = this.#origin
    const { origin } = new URL(url)
    let target = new URL(url + asked.path)
    let home = true
    for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
      home &&= target.origin === origin
      const given = await this.#send(target, asked, home)
      const { status } = given.exchange
      if (status < 300) return given
      const location = textOf(given.headers['location'])
      if (!REDIRECTS.has(status) || location === '' || !URL.canParse(location, target.href)) {
        throw await failure(given, home ? undefined : target.origin)
      }
      // Read, so that the connection stays good for the next request.
      await gather(given.chunks, LONGEST_ERROR)
      target = new URL(location, target)
    }
    const message = `redirects more than ${MOST_REDIRECTS} times; check harbor-url`
    throw new UnexpectedAnswer('REDIRECT', message, { method: asked.method, path: asked.path, status: 0 })
  }

  async #send(target: URL, { method, path, headers, signal }: Asked, home: boolean): Promise<Given> {
    // Never the address itself: that of a storage has a signature in it.
    const exchange: Exchange = { method, path, status: 0 }
    const failed = (error: unknown): HarborError =>
      home ? unreachable(error, exchange) : storageUnreachable(error, exchange, target.origin)
    try {
      const response = await request(target, {
        method,
        dispatcher: this.#origin.dispatcher,
        signal,
        headers: {
          ...headers,
          'accept-encoding': 'identity',
          'user-agent': UNCOUNTED_CLIENT,
          ...(home ? this.#authorization : {}),
        },
      })
      const { body, statusCode: status } = response
      return {
        exchange: { ...exchange, status, requestId: textOf(response.headers['x-request-id']) },
        headers: response.headers,
        chunks: chunksOf(body as AsyncIterable<Buffer>, failed),
        drop: () => {
          body.on('error', () => undefined).destroy()
        },
      }
    } catch (error) {
      throw failed(error)
    }
  }
}

/** What `chunks` holds, up to `most` bytes of it. */
export async function gather(chunks: AsyncIterable<Buffer>, most: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let length = 0
  for await (const chunk of chunks) {
    parts.push(chunk)
    length += chunk.length
    if (length >= most) break
  }
  return Buffer.concat(parts, Math.min(length, most))
}

async function* chunksOf(
  body: AsyncIterable<Buffer>,
  failed: (error: unknown) => HarborError,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* body
  } catch (error) {
    throw failed(error)
  }
}

async function failure(
  { exchange, headers, chunks, drop }: Given,
  storage: string | undefined,
): Promise<HarborError> {
  const told = { ...exchange, retryAfter: textOf(headers['retry-after']) }
  if (storage !== undefined) {
    drop()
    const message = `redirects to ${storage}, which answered ${told.status}; ${STORAGE}`
    return new UnexpectedAnswer(`STORAGE_${told.status}`, message, told)
  }
  return errorOf(told, (await gather(chunks, LONGEST_ERROR)).toString())
}

function storageUnreachable(cause: unknown, exchange: Exchange, storage: string): Unreachable {
  const code = codeOf(cause) ?? 'UNREACHABLE'
  const why = [code, messageOf(cause)].filter((word) => word !== '').join(' ')
  return new Unreachable(
    code,
    `redirects to ${storage}, from where no answer came (${why}); ${STORAGE}`,
    exchange,
    {
      cause,
    },
  )
}
