import { textOf, type Answer } from '../harbor/answer.ts'
import { UnexpectedAnswer } from '../harbor/errors.ts'
import type { HttpOptions } from '../harbor/http.ts'
import type { Party } from '../harbor/party.ts'
import { patiently } from '../harbor/patiently.ts'
import type { Request } from '../harbor/send.ts'
import { Authority } from './authority.ts'
import { failureOf, follow, type Network } from './follow.ts'
import { mirrorParty } from './party.ts'
import type { Scopes } from './scope.ts'

/** A request of a registry. */
export interface Call {
  readonly method: Request['method']
  /** Path under the registry's host, encoded. */
  readonly path: string
  /** With its question mark. Never in messages: in the address of an upload there are secrets. */
  readonly query?: string
  /** What a token for it has to be good for. */
  readonly scopes: Scopes
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
  /** Whether the answer may come from another origin, which then gets no credentials. */
  readonly elsewhere?: boolean
  /** Whether the body of a success is to be read as it comes. */
  readonly streamed?: boolean
}

/** What a request is sent with at first, a new token for an old one, a token for more: no other helps. */
const MOST_AUTHORIZATIONS = 3

/** Sends requests to one registry, with what it wants to be asked with, patiently. */
export class Client {
  readonly origin: string
  readonly party: Party
  readonly #options: HttpOptions
  readonly #network: Network
  readonly #authority: Authority

  /** @param options the URL's path isn't a part of the registry's address */
  constructor(options: HttpOptions) {
    const { url, credentials, dispatcher, userAgent } = options
    const registry = new URL(url)
    this.origin = registry.origin
    this.party = mirrorParty(credentials === undefined)
    this.#options = options
    this.#network = { dispatcher, userAgent, party: this.party }
    this.#authority = new Authority(this.#network, registry, credentials)
  }

  /**
   * Asks, and tries again after what may pass.
   *
   * @param decode turns the answer into what is wanted
   * @throws HarborError of the last try
   */
  ask<T>(call: Call, decode: (answer: Answer) => T): Promise<T> {
    return this.patiently(async () => decode(await this.once(call)))
  }

  /** @param work must do no harm when it is done twice */
  patiently<T>(work: () => Promise<T>): Promise<T> {
    return patiently(this.#options, work)
  }

  /**
   * Asks once, but for the requests that it takes to be let in.
   *
   * @returns an answer whose status says that the request succeeded
   * @throws HarborError
   */
  async once(call: Call): Promise<Answer> {
    const answer = await this.#authorized(call)
    const { status } = answer.exchange
    if (status < 300) return answer
    if (status === 404 && isPage(answer)) {
      const { name, inputs } = this.party
      const message = `answered 404 with an HTML page, which is not from a registry; is ${inputs.url} the address of ${name} itself?`
      throw new UnexpectedAnswer('NOT_REGISTRY', message, answer.exchange)
    }
    throw failureOf(answer, this.party)
  }

  async #authorized(call: Call): Promise<Answer> {
    const { method, path, query = '', scopes, headers = {}, body, elsewhere = false, streamed } = call
    const shown = this.origin + path
    const request = {
      method,
      target: new URL(shown + query),
      path: shown,
      headers,
      body,
      elsewhere,
      streamed,
    }
    let authorization = await this.#authority.for(scopes)
    for (let turn = 1; ; turn += 1) {
      const answer = await follow(this.#network, { ...request, authorization: authorization.header })
      const { status } = answer.exchange
      if ((status !== 401 && status !== 403) || turn === MOST_AUTHORIZATIONS) return answer
      const other = await this.#authority.instead(answer, authorization, scopes)
      if (other === undefined) return answer
      authorization = other
    }
  }
}

function isPage({ headers, body }: Answer): boolean {
  return (
    textOf(headers['content-type']).includes('html') ||
    body.subarray(0, 100).toString('latin1').trimStart().startsWith('<')
  )
}
