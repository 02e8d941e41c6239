// The stand-in GitHub: a server in this process that answers as GitHub's REST API does to the few things that are
// asked of it, over a state that tests can fill and look at directly.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { type Fault, Faults } from '../http/faults.ts'
import type { Reply } from '../http/reply.ts'
import { beforeActing, page, readBody, truncate } from '../http/wire.ts'
import { json, Refusal, refusalReply } from './errors.ts'
import { handle } from './handle.ts'
import type { Token } from './model.ts'
import type { Request } from './request.ts'
import { State } from './state.ts'

export interface GitHubOptions {
  /** Where the API is on it: nothing as on github.com, or `/api/v3` as on a GitHub Enterprise Server. */
  readonly prefix?: '' | '/api/v3'
  /** Milliseconds since 1970; the machine's clock unless given. */
  readonly clock?: () => number
}

export interface StandInGitHub {
  /** GITHUB_API_URL. */
  readonly url: string
  readonly state: State
  readonly faults: Faults
  readonly requests: readonly LoggedRequest[]
  resetRequests(): void
  close(): Promise<void>
}

export interface LoggedRequest {
  readonly method: string
  /** With the query, as it came. */
  readonly path: string
  readonly headers: Readonly<Record<string, unknown>>
  /** Whose token it came with; empty without one that is known. */
  readonly login: string
  readonly body: string
  /** What was answered; 0 when the connection was cut instead. */
  readonly status: number
}

export async function startGitHub({
  prefix = '',
  clock = Date.now,
}: GitHubOptions = {}): Promise<StandInGitHub> {
  const state = new State(clock)
  const faults = new Faults()
  const requests: LoggedRequest[] = []
  const server = createServer((request, response) => {
    void respond(request, response)
  })

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = request
    const struck = faults.strike(method, url)
    // A client that goes away in the middle of its body gets no answer, and nothing is done.
    const body = await readBody(request).catch(() => undefined)
    if (body === undefined) return
    const token = state.tokens.get(/^(?:bearer|token) (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '')
    const log = (status: number): void => {
      const login = token?.owner.login ?? ''
      requests.push({ method, path: url, headers, login, body: body.toString('utf8'), status })
    }
    for (const fault of struck) if (fault.kind === 'delay') await sleep(fault.milliseconds)
    const early = struck.find(beforeActing)
    const late = struck.find((fault) => fault.kind !== 'delay')
    const fault = early ?? late
    const reply =
      early === undefined
        ? whole(handle(asked(request, body, token)), {
            request,
            token,
            clock,
            compress: fault?.kind !== 'truncate',
          })
        : undefined
    if (fault === undefined && reply !== undefined) {
      log(reply.status)
      response.writeHead(reply.status, reply.headers).end(reply.body)
      return
    }
    if (fault !== undefined) spoil(fault, { request, response, reply, log })
  }

  function asked(request: IncomingMessage, body: Buffer, token: Token | undefined): Request {
    const { method = 'GET', url = '/', headers } = request
    const { pathname, searchParams } = new URL(url, 'http://localhost')
    const host = `http://${headers.host ?? 'localhost'}`
    const graphql = `${prefix.replace(/\/v3$/, '')}/graphql`
    const under = pathname.startsWith(prefix) ? pathname.slice(prefix.length) : '/not-the-api'
    const path = pathname === graphql ? '/graphql' : under
    return { state, method, path, query: searchParams, headers, body, api: host + prefix, token }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    state,
    faults,
    requests,
    resetRequests: () => {
      requests.length = 0
    },
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** With the headers that every answer has, and compressed where the client takes it. */
function whole(
  reply: Reply,
  {
    request,
    token,
    clock,
    compress,
  }: {
    readonly request: IncomingMessage
    readonly token: Token | undefined
    readonly clock: () => number
    readonly compress: boolean
  },
): Reply {
  const compressed =
    compress && reply.body.length > 0 && (request.headers['accept-encoding'] ?? '').includes('gzip')
  const body = compressed ? gzipSync(reply.body) : Buffer.from(reply.body)
  const headers: Record<string, string> = {
    date: new Date(clock()).toUTCString(),
    server: 'github.com',
    vary: 'Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, X-Requested-With',
    'x-github-media-type': 'github.v3; format=json',
    'x-github-request-id': 'C0DE:0001:0000001:0000001:00000001',
    'x-github-api-version-selected': '2022-11-28',
    ...(compressed ? { 'content-encoding': 'gzip' } : {}),
    ...(reply.status === 204 ? {} : { 'content-length': String(body.length) }),
    ...reply.headers,
  }
  if (token !== undefined) {
    const { most, left, resetAt } = token.limit
    headers['x-ratelimit-limit'] = String(most)
    headers['x-ratelimit-remaining'] = String(left)
    headers['x-ratelimit-used'] = String(most - left)
    headers['x-ratelimit-reset'] = String(resetAt)
    headers['x-ratelimit-resource'] = 'core'
  }
  return { status: reply.status, headers, body }
}

function spoil(
  fault: Fault,
  {
    request,
    response,
    reply,
    log,
  }: {
    readonly request: IncomingMessage
    readonly response: ServerResponse
    readonly reply: Reply | undefined
    readonly log: (status: number) => void
  },
): void {
  const instead = insteadOf(fault)
  log(instead?.status ?? (fault.kind === 'truncate' ? (reply?.status ?? 0) : 0))
  if (instead !== undefined) response.writeHead(instead.status, instead.headers).end(instead.body)
  else if (fault.kind === 'cut') request.socket.destroy()
  else if (fault.kind === 'truncate' && reply !== undefined) truncate(response, reply, fault)
}

function insteadOf(fault: Fault): Reply | undefined {
  if (fault.kind === 'error') {
    const { status, message = 'Server Error' } = fault
    return status >= 500 ? json({ message }, status) : refusalReply(new Refusal(status, message))
  }
  if (fault.kind === 'html') return page(fault.status)
  if (fault.kind !== 'busy') return undefined
  return refusalReply(
    new Refusal(
      429,
      'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
      {
        headers: { 'retry-after': String(fault.retryAfter) },
      },
    ),
  )
}
