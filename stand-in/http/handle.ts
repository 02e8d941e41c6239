// What Harbor does with a request before and after the handler: sessions, CSRF, who it is, read-only mode.
import { randomBytes, randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { login, logout } from '../api/sessions.ts'
import { type Caller, identify } from '../security/caller.ts'
import { CSRF_HEADER, type Sessions, cookie, sidCookie } from '../security/sessions.ts'
import type { Tokens } from '../security/tokens.ts'
import { HarborError, badRequest, notFound } from '../state/error.ts'
import type { Registry } from '../state/registry.ts'
import { dispatch } from '../v2/dispatch.ts'
import { issueToken } from '../v2/token.ts'
import type { Uploads } from '../v2/uploads.ts'
import type { Exchange } from './exchange.ts'
import { type Reply, errorReply, plainError } from './reply.ts'
import { API, type Router, requirePermission } from './router.ts'
import { type Work, noWork } from './work.ts'

export interface Request {
  readonly method: string
  /** Path and query as they came. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface Harbor {
  readonly registry: Registry
  readonly router: Router
  readonly sessions: Sessions
  readonly tokens: Tokens
  readonly uploads: Uploads
}

export interface Handled {
  readonly reply: Reply
  readonly cookies: readonly string[]
  readonly caller: Caller
  readonly work: Work
}

const READ_ONLY = 'The system is in read only mode. Any modification is prohibited.'
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
const ALLOWED_READ_ONLY = /^\/(?:api\/v2\.0\/configurations|c\/login|service\/token)/

export function handle(harbor: Harbor, request: Request): Handled {
  harbor.registry.clock.settle()
  const exchange = exchangeOf(harbor, request)
  const { reply, cookies } = guarded(exchange, harbor.router)
  return { reply, cookies, caller: exchange.caller, work: exchange.work }
}

function exchangeOf(
  { registry, sessions, tokens, uploads }: Harbor,
  { method, url, headers, body }: Request,
): Exchange {
  const question = url.indexOf('?')
  const path = question === -1 ? url : url.slice(0, question)
  return {
    registry,
    sessions,
    tokens,
    uploads,
    method,
    path: path.replaceAll(/\/{2,}/g, '/'),
    query: new URLSearchParams(question === -1 ? '' : url.slice(question + 1)),
    headers,
    body,
    caller: identify(registry, headers, { sessions, tokens }),
    origin: `http://${headers.host ?? 'localhost'}`,
    params: {},
    work: noWork(),
  }
}

function guarded(exchange: Exchange, router: Router): { reply: Reply; cookies: string[] } {
  const { sessions, headers, method, path, registry } = exchange
  const cookies: string[] = []
  const added: Record<string, string> = { 'x-request-id': requestId(headers) }
  const answer = (reply: Reply): { reply: Reply; cookies: string[] } => ({
    reply: { ...reply, headers: { ...reply.headers, ...added } },
    cookies,
  })
  if (sessions.isProtected(path, headers)) {
    const { token, cookie: set } = sessions.csrf(headers)
    added[CSRF_HEADER] = token
    if (set !== undefined) cookies.push(set)
    const failure = sessions.csrfFailure(method, headers)
    if (failure !== undefined) return answer(errorReply(new HarborError('FORBIDDEN', failure)))
  }
  if (registry.readOnly && !SAFE.has(method) && !ALLOWED_READ_ONLY.test(path)) {
    return answer(errorReply(new HarborError('DENIED', READ_ONLY)))
  }
  const reply = attempt(exchange, router)
  // Every answer starts a session, unless the caller has one.
  if (cookie(headers, 'sid') === undefined || sessions.userOf(headers) === undefined) {
    if (path !== '/c/log_out') cookies.push(sidCookie(randomBytes(16).toString('hex')))
  }
  const { 'set-cookie': set, ...others } = reply.headers
  if (set !== undefined) cookies.push(set)
  return answer({ ...reply, headers: others })
}

function requestId(headers: IncomingHttpHeaders): string {
  const given = headers['x-request-id']
  return typeof given === 'string' ? given : randomUUID()
}

function attempt(exchange: Exchange, router: Router): Reply {
  try {
    return route(exchange, router)
  } catch (error) {
    if (error instanceof URIError) return errorReply(badRequest('invalid URL escape'))
    if (error instanceof HarborError) return refused(exchange, errorReply(error))
    throw error
  }
}

/** What isn't valid is refused before anybody asks who it was, but not without a hint. */
function refused({ headers }: Exchange, reply: Reply): Reply {
  if (reply.status !== 422 || headers.authorization !== undefined) return reply
  return { ...reply, headers: { ...reply.headers, 'www-authenticate': 'Basic realm="API"' } }
}

function route(exchange: Exchange, router: Router): Reply {
  const { path, method } = exchange
  if (path.startsWith(`${API}/`)) {
    const { route: found, params } = router.find(method, path.slice(API.length))
    // Of a parameter given twice the last counts.
    const query = new URLSearchParams(Object.fromEntries(exchange.query))
    const routed = { ...exchange, params, query }
    requirePermission(routed, found.need)
    return found.handle(routed)
  }
  if (path === '/v2' || path.startsWith('/v2/')) return dispatch(exchange)
  if (path === '/service/token') {
    return method === 'GET' ? issueToken(exchange) : plainError(405, 'Method Not Allowed')
  }
  if (path === '/c/login' && method === 'POST') return login(exchange)
  if (path === '/c/log_out') return logout(exchange)
  throw notFound(`path ${path} was not found`)
}
