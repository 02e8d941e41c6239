import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { textOf, type Answer } from './answer.ts'
import { errorOf, UnexpectedAnswer, type HarborError } from './errors.ts'
import { patiently } from './patiently.ts'
import type { RetryPolicy } from './retry.ts'
import { send } from './send.ts'

export { textOf, type Answer } from './answer.ts'

/** A request that changes nothing. */
export interface Read {
  readonly method?: 'GET' | 'HEAD'
  /** Path and query under the server's URL, encoded. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A request that changes something. */
export interface Change {
  readonly method: 'POST' | 'PUT' | 'DELETE'
  /** Path and query under the server's URL, encoded. */
  readonly path: string
  /** With its question mark; never in messages. */
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string | Readable
}

export interface Credentials {
  readonly username: string
  readonly password: string
}

export interface HttpOptions {
  /** The server: scheme, host, and path prefix if any, without a slash at the end. */
  readonly url: string
  readonly credentials?: Credentials | undefined
  readonly userAgent: string
  readonly retry: RetryPolicy
  readonly dispatcher: Dispatcher
  /** Told of every request that is sent again, and why. */
  readonly onRetry?: (error: HarborError, pauseMs: number) => void
}

const MOST_REDIRECTS = 5
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** Sends requests to one server: with its credentials, patiently, and never with them to anyone else. */
export class Http {
  readonly url: string
  readonly #options: HttpOptions
  readonly #authorization: { readonly authorization?: string }

  constructor(options: HttpOptions) {
    this.url = options.url
    this.#options = options
    const { credentials } = options
    this.#authorization = credentials === undefined ? {} : { authorization: basic(credentials) }
  }

  /**
   * Reads, trying again after what may pass: 429 (as long as Retry-After asks), 5xx, cut connections, and answers
   * that `decode` finds cut short.
   *
   * @param decode turns the answer into what is wanted; an error of its own that is an UnexpectedAnswer is tried again
   * @throws HarborError of the last try
   */
  read<T>(read: Read, decode: (answer: Answer) => T): Promise<T> {
    return patiently(this.#options, async () => decode(await this.#follow(read)))
  }

  /**
   * Changes something, and tries once: whether a change that failed was made all the same is for its caller to look at.
   *
   * @throws HarborError; Unreachable when no answer came
   */
  async change(change: Change): Promise<Answer> {
    const target = new URL(this.url + change.path + (change.query ?? ''))
    const answer = await this.#send(change.method, target, change)
    const { status } = answer.exchange
    if (status < 300) return answer
    if (!REDIRECTS.has(status)) throw failure(answer)
    const message =
      'redirects a request that changes something; give the address that it redirects to as harbor-url'
    throw new UnexpectedAnswer('REDIRECT', message, answer.exchange)
  }

  /** Sends a request and follows redirects, as long as they stay with the server that the credentials are for. */
  async #follow(read: Read): Promise<Answer> {
    const { method = 'GET', path } = read
    const { origin } = new URL(this.url)
    let target = new URL(this.url + path)
    for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
      const answer = await this.#send(method, target, read)
      const { status } = answer.exchange
      if (status < 300) return answer
      const location = textOf(answer.headers['location'])
      if (!REDIRECTS.has(status) || location === '' || !URL.canParse(location, target.href)) {
        throw failure(answer)
      }
      target = new URL(location, target)
      if (target.origin !== origin) {
        const message = `redirects to ${target.origin}, which gets no credentials; if that is your Harbor, give it as harbor-url`
        throw new UnexpectedAnswer('REDIRECT', message, answer.exchange)
      }
    }
    const message = `redirects more than ${MOST_REDIRECTS} times; check harbor-url`
    throw new UnexpectedAnswer('REDIRECT', message, { method, path, status: 0 })
  }

  #send(
    method: 'GET' | 'HEAD' | Change['method'],
    target: URL,
    { path, headers, body }: Pick<Change, 'path' | 'headers' | 'body'>,
  ): Promise<Answer> {
    const { dispatcher, userAgent } = this.#options
    const all = { 'user-agent': userAgent, ...this.#authorization, ...headers }
    return send(dispatcher, { method, target, path, headers: all, body })
  }
}

/** RFC 7617, with names and passwords in UTF-8. */
export function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

function failure({ exchange, body, headers }: Answer): HarborError {
  return errorOf({ ...exchange, retryAfter: textOf(headers['retry-after']) }, body.toString())
}
