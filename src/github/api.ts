import { setTimeout } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import type * as v from 'valibot'
import { textOf, type Answer } from '../harbor/answer.ts'
import { decode } from '../harbor/decode.ts'
import { HarborError, type Exchange } from '../harbor/errors.ts'
import type { Party, Waits } from '../harbor/party.ts'
import { pauseBefore, type RetryPolicy } from '../harbor/retry.ts'
import { send, type Request } from '../harbor/send.ts'
import { nextLink } from '../shared/link.ts'
import { GitHubError } from './errors.ts'
import { failureOf, misunderstanding } from './failure.ts'

export interface ApiOptions {
  /** Where the API is, without a slash at the end: `https://api.github.com`, `https://github.example/api/v3`. */
  readonly url: string
  readonly token: string
  readonly userAgent: string
  readonly dispatcher: Dispatcher
  readonly retry?: RetryPolicy
  readonly waits?: Waits
  /** Told of every request that is sent again, and why. */
  readonly onRetry?: (error: GitHubError, pauseMs: number) => void
}

/** A request that changes something. */
export interface Change {
  readonly method: 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  readonly needs: string
  /** Whether doing it twice is the same as once, so that it is sent again when it is unclear what became of it. */
  readonly again: boolean
}

/** Nobody waits an hour for a comment: what GitHub asks to wait longer for is given up. */
export const GITHUB_RETRY: RetryPolicy = { attempts: 4, pause: 1000, longest: 60_000 }

/** GitHub itself gives up after 10 s. */
const WAITS: Waits = { answer: 60, rest: 60 }

/** The one that GitHub Enterprise Servers know too; answers are read by fields that newer ones have as well. */
const VERSION = '2022-11-28'
const JSON_TYPE = 'application/vnd.github+json'
const RAW_TYPE = 'application/vnd.github.raw+json'
const REDIRECTS = new Set([301, 302, 303, 307, 308])
/** Those that have a request repeated as it is; GitHub answers changes with 307 where a repository has another name. */
const VERBATIM = new Set([307, 308])
const MOST_REDIRECTS = 5
const MOST_PAGES = 500
const TOKEN = /^[\x21-\x7E]+$/

const GITHUB: Party = {
  name: 'GitHub',
  doubt: 'is GITHUB_API_URL the address of GitHub’s API?',
  slow: 'https://www.githubstatus.com may know of it, or the administrator of your GitHub',
  inputs: { url: 'GITHUB_API_URL', caFile: 'ca-file' },
  advice: () => '',
}

/**
 * Sends requests to GitHub's API, patiently, and the token to nobody else. Every method throws GitHubError.
 *
 * Paths are under the API's address, encoded. `needs` is the permission that a request takes, as a workflow writes it.
 */
export class Api {
  readonly #options: ApiOptions
  readonly #origin: string
  readonly #party: Party

  constructor(options: ApiOptions) {
    this.#options = options
    this.#origin = new URL(options.url).origin
    this.#party = { ...GITHUB, waits: options.waits ?? WAITS }
  }

  read<T>(path: string, schema: v.GenericSchema<unknown, T>, needs: string): Promise<T> {
    return this.#patiently(true, async () => {
      return decode(await this.#ask({ method: 'GET', target: this.#target(path), needs }), schema, GITHUB)
    })
  }

  /** Reads what is no JSON, as its bytes. */
  readRaw(path: string, needs: string): Promise<Buffer> {
    return this.#patiently(true, async () => {
      const target = this.#target(path)
      const { body } = await this.#ask({ method: 'GET', target, needs, accept: RAW_TYPE })
      return body
    })
  }

  /** Reads a list to its end, as each page says where it goes on. */
  async readAll<T>(
    path: string,
    schema: v.GenericSchema<unknown, readonly T[]>,
    needs: string,
  ): Promise<readonly T[]> {
    const all: T[] = []
    const seen = new Set<string>()
    let target: URL | undefined = this.#target(path)
    while (target !== undefined) {
      const here: URL = target
      if (seen.has(here.href) || seen.size === MOST_PAGES) {
        const message = seen.has(here.href)
          ? 'the list goes round in circles: its next page (Link) is one that was read already'
          : `the list has more than ${MOST_PAGES} pages`
        throw new GitHubError('unexpected', message, { method: 'GET', path: here.href, status: 200 })
      }
      seen.add(here.href)
      const [items, next] = await this.#patiently(true, async () => {
        const answer = await this.#ask({ method: 'GET', target: here, needs })
        return [decode(answer, schema, GITHUB), this.#next(answer, here)] as const
      })
      all.push(...items)
      target = next
    }
    return all
  }

  /** @param schema what is read of the answer; an answer without a body isn't asked for any */
  change<T>(change: Change, schema: v.GenericSchema<unknown, T>): Promise<T> {
    const { method, path, body, needs, again } = change
    return this.#patiently(again, async () => {
      return decode(await this.#ask({ method, target: this.#target(path), body, needs }), schema, GITHUB)
    })
  }

  async remove(path: string, needs: string): Promise<void> {
    await this.#patiently(true, () => this.#ask({ method: 'DELETE', target: this.#target(path), needs }))
  }

  /** Asks the other API of GitHub's, GraphQL, which is at `/graphql`, or beside `/api/v3`; only reads. */
  query<T>(query: string, schema: v.GenericSchema<unknown, T>): Promise<T> {
    const target = new URL(`${this.#options.url.replace(/\/v3$/, '')}/graphql`)
    return this.#patiently(true, async () => {
      const answer = await this.#ask({ method: 'POST', target, body: { query }, needs: 'contents: read' })
      return decode(answer, schema, GITHUB)
    })
  }

  #target(path: string): URL {
    return new URL(this.#options.url + path)
  }

  /** Asked of the same server, whatever it takes itself for: nobody else gets the token. */
  #next({ headers }: Answer, here: URL): URL | undefined {
    const link = nextLink(headers['link'])
    if (link === undefined || !URL.canParse(link, here.href)) return undefined
    const { pathname, search } = new URL(link, here)
    return new URL(this.#origin + pathname + search)
  }

  /** @param again whether the work does no harm when it is done twice */
  async #patiently<T>(again: boolean, work: () => Promise<T>): Promise<T> {
    const { retry = GITHUB_RETRY, onRetry } = this.#options
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work()
      } catch (thrown) {
        const error = thrown instanceof HarborError ? misunderstanding(thrown) : thrown
        if (!(error instanceof GitHubError)) throw error
        const pause = pauseAfter(error, attempt, retry)
        if (attempt >= retry.attempts || !error.mayPass || pause > retry.longest) throw error
        if (error.isUnclear && !again) throw error
        onRetry?.(error, pause)
        await setTimeout(pause)
      }
    }
  }

  /** Sends a request, and follows redirects as long as they stay with the server that the token is for. */
  async #ask(asking: Asking): Promise<Answer> {
    let { target } = asking
    for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
      const answer = await send(this.#options.dispatcher, this.#request(asking, target), this.#party)
      const { status } = answer.exchange
      if (status < 300) return answer
      if (!REDIRECTS.has(status)) throw failureOf(answer, asking.needs, Date.now())
      target = redirected(answer, target, asking.method === 'GET')
    }
    throw strayed(`redirects more than ${MOST_REDIRECTS} times`, {
      method: asking.method,
      path: asking.target.href,
      status: 0,
    })
  }

  #request({ method, body, accept = JSON_TYPE }: Asking, target: URL): Request {
    const { token, userAgent } = this.#options
    const path = target.href
    if (!TOKEN.test(token)) {
      const message = 'not sent: github-token is empty or no token'
      throw new GitHubError('token', message, { method, path, status: 0 })
    }
    const headers: Record<string, string> = {
      accept,
      authorization: `Bearer ${token}`,
      'user-agent': userAgent,
      'x-github-api-version': VERSION,
    }
    if (body === undefined) return { method, target, path, headers }
    headers['content-type'] = 'application/json; charset=utf-8'
    return { method, target, path, headers, body: JSON.stringify(body) }
  }
}

interface Asking {
  readonly method: 'GET' | Change['method']
  readonly target: URL
  readonly body?: unknown
  readonly accept?: string
  readonly needs: string
}

function pauseAfter({ trouble, waitMs = 0 }: GitHubError, attempt: number, retry: RetryPolicy): number {
  // Who asks again while a limit holds may be banned.
  if (trouble === 'limit') return waitMs * (attempt === 1 ? 1 : 2 ** (attempt - 1))
  return pauseBefore(retry, attempt, { retryAfter: undefined, chance: Math.random(), now: Date.now() })
}

function redirected({ exchange, headers }: Answer, here: URL, reads: boolean): URL {
  const location = textOf(headers['location'])
  if (location === '' || !URL.canParse(location, here.href)) {
    throw strayed('redirects to nowhere', exchange)
  }
  const target = new URL(location, here)
  if (target.origin !== here.origin) {
    throw strayed(`redirects to ${target.origin}, which gets no token`, exchange)
  }
  if (!reads && !VERBATIM.has(exchange.status)) {
    throw strayed('redirects a request that changes something', exchange)
  }
  return target
}

function strayed(message: string, exchange: Exchange): GitHubError {
  return new GitHubError('unexpected', `${message}; ${GITHUB.doubt}`, exchange)
}
