import { decode } from '../harbor/decode.ts'
import { UnexpectedAnswer, type Exchange } from '../harbor/errors.ts'
import { basic, type Credentials } from '../harbor/http.ts'
import type { Challenge } from './challenge.ts'
import { failureOf, follow, type Network } from './follow.ts'
import { tokenAnswer } from './schemas.ts'
import type { Scopes } from './scope.ts'

/** What can be sent as a token (RFC 6750, 2.1, and some more that services use). */
const HEADER_SAFE = /^[\x21-\x7E]+$/

/** A token service, as a registry names it. */
export interface Service {
  readonly realm: URL
  /** What the service calls the registry; empty where the registry doesn't say. */
  readonly service: string
}

export interface Token {
  readonly value: string
  /** Milliseconds since 1970, by which another one has to be had. */
  readonly until: number
}

export interface Given {
  readonly token: Token
  /** Whether it was made just now: no other one will be better. */
  readonly fresh: boolean
}

/** How long a token is good for where the service doesn't say (Docker Registry v2 token authentication). */
const USUAL_SECONDS = 60
/** Tokens are replaced so long before they expire, or with a fifth of their time left. */
const MARGIN_MS = 30_000

/**
 * The token service that a challenge names. It may be another origin than the registry (auth.docker.io is), and gets
 * the credentials all the same: the workflow chose the registry, and who checks its passwords is the registry's to
 * say, as it could check them itself. But it can't take from them the protection that the workflow chose with https.
 *
 * @returns undefined where the challenge names none
 * @throws UnexpectedAnswer for one without https when the registry has it
 */
export function serviceOf({ parameters }: Challenge, registry: URL, exchange: Exchange): Service | undefined {
  const realm = parameters.get('realm') ?? ''
  if (!/^https?:\/\//i.test(realm) || !URL.canParse(realm)) return undefined
  const url = new URL(realm)
  if (registry.protocol === 'https:' && url.protocol !== 'https:') {
    const message = `names ${url.origin} as its token service, where anybody on the way can read the password; have it name the service by https`
    throw new UnexpectedAnswer('INSECURE_REALM', message, exchange)
  }
  return { realm: url, service: parameters.get('service') ?? '' }
}

/** Gets bearer tokens and keeps them until shortly before they expire. */
export class Tokens {
  readonly #network: Network
  readonly #authorization: string | undefined
  readonly #kept = new Map<string, Token>()
  readonly #coming = new Map<string, Promise<Token>>()

  constructor(network: Network, credentials: Credentials | undefined) {
    this.#network = network
    this.#authorization = credentials === undefined ? undefined : basic(credentials)
  }

  /** A token for what is to be done; the service may have left out what the account may not. */
  async get(service: Service, scopes: Scopes): Promise<Given> {
    const key = keyOf(service, scopes)
    const kept = this.#kept.get(key)
    if (kept !== undefined && Date.now() < kept.until) return { token: kept, fresh: false }
    const coming = this.#coming.get(key) ?? this.#fetch(service, scopes)
    this.#coming.set(key, coming)
    try {
      const token = await coming
      this.#kept.set(key, token)
      return { token, fresh: true }
    } finally {
      if (this.#coming.get(key) === coming) this.#coming.delete(key)
    }
  }

  /** Forgets a token that was refused; another one that came meanwhile stays. */
  forget(service: Service, scopes: Scopes, { value }: Token): void {
    const key = keyOf(service, scopes)
    if (this.#kept.get(key)?.value === value) this.#kept.delete(key)
  }

  /** `GET realm?service=…&scope=…`, Docker Registry v2 token authentication, "Requesting a token". */
  async #fetch({ realm, service }: Service, scopes: Scopes): Promise<Token> {
    const target = new URL(realm)
    if (service !== '') target.searchParams.set('service', service)
    for (const scope of scopes) target.searchParams.append('scope', scope)
    const asked = Date.now()
    const answer = await follow(this.#network, {
      method: 'GET',
      target,
      path: `${realm.origin}${realm.pathname}`,
      headers: {},
      authorization: this.#authorization,
    })
    const { party } = this.#network
    if (answer.exchange.status >= 300) throw failureOf(answer, party)
    const { token, seconds = USUAL_SECONDS } = decode(answer, tokenAnswer, party)
    if (!HEADER_SAFE.test(token)) {
      const message =
        'the answer has no token in it; is this the token service that the registry should name?'
      throw new UnexpectedAnswer('NO_TOKEN', message, answer.exchange)
    }
    return { value: token, until: asked + seconds * 1000 - Math.min(MARGIN_MS, seconds * 200) }
  }
}

function keyOf({ realm, service }: Service, scopes: Scopes): string {
  return [realm.href, service, ...scopes].join(' ')
}
