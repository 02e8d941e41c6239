import type { Answer } from '../harbor/answer.ts'
import { basic, type Credentials } from '../harbor/http.ts'
import { challengesOf, type Challenge } from './challenge.ts'
import { failureOf, follow, type Network } from './follow.ts'
import { covers, scopesOf, union, type Scopes } from './scope.ts'
import { serviceOf, Tokens, type Given, type Service } from './tokens.ts'

/** What a request is sent with. */
export interface Authorization {
  readonly header: string | undefined
  readonly bearer?: { readonly service: Service; readonly scopes: Scopes; readonly given: Given }
}

type Scheme =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic' }
  | { readonly kind: 'bearer'; readonly service: Service }

const ANONYMOUS: Authorization = { header: undefined }

/** Knows how a registry wants to be asked: by nobody in particular, with Basic credentials, or with bearer tokens. */
export class Authority {
  readonly #network: Network
  readonly #registry: URL
  readonly #basic: string | undefined
  readonly #tokens: Tokens
  #scheme: Promise<Scheme> | undefined
  /** What the registry asked for in place of what would have been enough. */
  readonly #wider = new Map<string, Scopes>()

  constructor(network: Network, registry: URL, credentials: Credentials | undefined) {
    this.#network = network
    this.#registry = registry
    this.#basic = credentials === undefined ? undefined : basic(credentials)
    this.#tokens = new Tokens(network, credentials)
  }

  /**
   * What to send with a request. The first time the registry is asked how (`GET /v2/`, as Docker does): one that lets
   * anybody read shows more to those who say who they are.
   *
   * @param scopes what a token has to be good for
   */
  async for(scopes: Scopes): Promise<Authorization> {
    return this.#with(await this.#known(), this.#wider.get(scopes.join(' ')) ?? scopes)
  }

  /**
   * What to send instead, after an answer of 401 or 403: credentials where none were sent, a new token for one that may
   * have expired, one for more where the registry says that it takes more (RFC 6750, 3.1: `insufficient_scope`).
   *
   * @param sent what the request was sent with
   * @param scopes what it was thought to take
   * @returns undefined where nothing else would be any better
   */
  async instead(answer: Answer, sent: Authorization, scopes: Scopes): Promise<Authorization | undefined> {
    const challenges = challengesOf(answer.headers['www-authenticate'])
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
    const had = sent.bearer?.scopes ?? scopes
    const asked = union(had, scopesOf(bearer?.parameters.get('scope') ?? ''))
    const wider = !covers(had, asked)
    if (answer.exchange.status === 403) {
      if (!wider || bearer?.parameters.get('error') !== 'insufficient_scope') return undefined
    }
    if (sent.bearer === undefined) {
      const scheme = this.#schemeOf(challenges, answer)
      if (scheme.kind === 'none' || (scheme.kind === 'basic' && sent.header !== undefined)) return undefined
      if (scheme.kind === 'basic' && this.#basic === undefined) return undefined
      this.#scheme = Promise.resolve(scheme)
      return this.#with(scheme, asked)
    }
    const { service, given } = sent.bearer
    if (given.fresh && !wider) return undefined
    this.#tokens.forget(service, had, given.token)
    if (wider) this.#wider.set(scopes.join(' '), asked)
    return this.#with({ kind: 'bearer', service }, asked)
  }

  async #known(): Promise<Scheme> {
    this.#scheme ??= this.#ask()
    const asked = this.#scheme
    try {
      return await asked
    } catch (error) {
      if (this.#scheme === asked) this.#scheme = undefined
      throw error
    }
  }

  async #with(scheme: Scheme, scopes: Scopes): Promise<Authorization> {
    switch (scheme.kind) {
      case 'none':
        return ANONYMOUS
      case 'basic':
        return { header: this.#basic }
      case 'bearer': {
        const { service } = scheme
        const given = await this.#tokens.get(service, scopes)
        return { header: `Bearer ${given.token.value}`, bearer: { service, scopes, given } }
      }
    }
  }

  async #ask(): Promise<Scheme> {
    const target = new URL('/v2/', this.#registry)
    const answer = await follow(this.#network, { method: 'GET', target, path: target.href, headers: {} })
    const { status } = answer.exchange
    if (status === 429 || status >= 500) throw failureOf(answer, this.#network.party)
    return status === 401 ? this.#schemeOf(challengesOf(answer.headers['www-authenticate']), answer) : NONE
  }

  /** Of several ways a token is the better one: the password isn't in every request. */
  #schemeOf(challenges: readonly Challenge[], { exchange }: Answer): Scheme {
    for (const challenge of challenges) {
      const service =
        challenge.scheme === 'bearer' ? serviceOf(challenge, this.#registry, exchange) : undefined
      if (service !== undefined) return { kind: 'bearer', service }
    }
    return challenges.some(({ scheme }) => scheme === 'basic') ? { kind: 'basic' } : NONE
  }
}

const NONE: Scheme = { kind: 'none' }
