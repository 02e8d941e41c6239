import type { Dispatcher } from 'undici'
import { textOf, type Answer } from '../harbor/answer.ts'
import { errorOf, UnexpectedAnswer, type HarborError } from '../harbor/errors.ts'
import type { Party } from '../harbor/party.ts'
import { send, type Request } from '../harbor/send.ts'

export interface Network {
  readonly dispatcher: Dispatcher
  readonly userAgent: string
  readonly party: Party
}

export interface Followed extends Request {
  /** The Authorization header; only the origin that is asked gets it. */
  readonly authorization?: string | undefined
  /** Whether the answer may come from another origin: registries keep blobs in storage that is elsewhere. */
  readonly elsewhere?: boolean
}

const MOST_REDIRECTS = 5
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/**
 * Sends a request and follows redirects of reads. Credentials don't come along to another origin, nor back from there.
 *
 * @returns the answer, whatever its status is
 */
export async function follow(network: Network, request: Followed): Promise<Answer> {
  const { party } = network
  const { url } = party.inputs
  const reads = request.method === 'GET' || request.method === 'HEAD'
  let { target, authorization } = request
  for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
    const headers = {
      'user-agent': network.userAgent,
      ...request.headers,
      ...(authorization === undefined ? {} : { authorization }),
    }
    const answer = await send(network.dispatcher, { ...request, target, headers }, party)
    const location = textOf(answer.headers['location'])
    if (!REDIRECTS.has(answer.exchange.status) || !URL.canParse(location, target.href)) return answer
    if (!reads) {
      const message = `redirects a request that changes something; give the address that it redirects to as ${url}`
      throw new UnexpectedAnswer('REDIRECT', message, answer.exchange)
    }
    const next = new URL(location, target)
    if (next.origin !== target.origin) {
      refuseOrigin(next, { answer, request, party })
      authorization = undefined
    }
    target = next
  }
  const message = `redirects more than ${MOST_REDIRECTS} times; check ${url}`
  throw new UnexpectedAnswer('REDIRECT', message, { ...request, status: 0 })
}

function refuseOrigin(
  next: URL,
  { answer, request, party }: { readonly answer: Answer; readonly request: Followed; readonly party: Party },
): void {
  const secure = next.protocol === 'https:' || request.target.protocol === 'http:'
  if (request.elsewhere === true && secure) return
  const { name, inputs } = party
  const message = secure
    ? `redirects to ${next.origin}, which gets no credentials; if that is ${name}, give it as ${inputs.url}`
    : `redirects from https to ${next.origin}, where anybody on the way can read along; have the server name itself by https`
  throw new UnexpectedAnswer('REDIRECT', message, answer.exchange)
}

/** The error for an answer that isn't what was asked for. */
export function failureOf({ exchange, body, headers }: Answer, party: Party): HarborError {
  return errorOf({ ...exchange, retryAfter: textOf(headers['retry-after']) }, body.toString(), party)
}
