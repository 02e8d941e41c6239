// One request from the wire to the wire: body in, faults, the answer, what it costs, body out.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { nameOf } from '../security/caller.ts'
import { type CostModel, SimulatedCores } from './costs.ts'
import type { Fault, Faults } from './faults.ts'
import { type Handled, type Harbor, handle } from './handle.ts'
import type { Reply } from './reply.ts'
import type { RequestLog } from './request-log.ts'
import { beforeActing, page, readBody, truncate } from './wire.ts'

/** Up to this size Go's server knows an answer's length before it has to send; longer ones go in chunks. */
const UNCHUNKED = 2048
/** Shorter waits than a timer can do are left out, and settled with the next request. */
const SHORTEST_WAIT = 0.6

interface Parts {
  readonly harbor: Harbor
  readonly faults: Faults
  readonly log: RequestLog
  readonly costs: CostModel | null
}

export class Responder {
  private readonly parts: Parts
  private readonly cores: SimulatedCores | null

  constructor(parts: Parts) {
    this.parts = parts
    this.cores = parts.costs && new SimulatedCores(parts.costs)
  }

  async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = request
    const faults = this.parts.faults.strike(method, url)
    // A client that goes away in the middle of its body gets no answer, and nothing is done.
    const body = await readBody(request).catch(() => undefined)
    if (body === undefined) return
    for (const fault of faults) if (fault.kind === 'delay') await sleep(fault.milliseconds)
    const early = faults.find(beforeActing)
    if (early !== undefined) {
      this.fail(early, request, response, undefined)
      return
    }
    const handled = handle(this.parts.harbor, { method, url, headers, body })
    await this.charge(request, handled)
    const late = faults.find((fault) => fault.kind !== 'delay')
    if (late !== undefined) {
      this.fail(late, request, response, handled)
      return
    }
    this.log(request, handled, handled.reply.status)
    send(response, method, handled)
  }

  /** Holds the answer back until the simulated machine would have it. */
  private async charge({ method = '', url = '', socket }: IncomingMessage, { work }: Handled): Promise<void> {
    const { costs, harbor } = this.parts
    if (costs === null || this.cores === null) return
    const price = costs.price({ method, path: url, work, registry: harbor.registry })
    const due = this.cores.due(socket, price, performance.now())
    const wait = due - performance.now()
    if (wait > SHORTEST_WAIT) await sleep(wait)
    this.cores.answered(socket, due, performance.now())
  }

  private fail(fault: Fault, request: IncomingMessage, response: ServerResponse, handled?: Handled): void {
    const reply = replyOf(fault)
    this.log(
      request,
      handled,
      reply?.status ?? (fault.kind === 'truncate' ? (handled?.reply.status ?? 0) : 0),
    )
    if (reply !== undefined) send(response, request.method ?? '', { reply, cookies: [] })
    else if (fault.kind === 'cut') request.socket.destroy()
    else if (fault.kind === 'truncate' && handled !== undefined) truncate(response, handled.reply, fault)
  }

  private log(request: IncomingMessage, handled: Handled | undefined, status: number): void {
    const { method = '', url = '', headers } = request
    this.parts.log.add({
      method,
      path: url,
      user: handled === undefined ? '' : nameOf(handled.caller),
      userAgent: headers['user-agent'] ?? '',
      status,
    })
  }
}

function replyOf(fault: Fault): Reply | undefined {
  if (fault.kind === 'error') {
    const { status, code = 'UNKNOWN', message = 'internal server error' } = fault
    return {
      status,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: `${JSON.stringify({ errors: [{ code, message }] })}\n`,
    }
  }
  if (fault.kind === 'html') return page(fault.status)
  if (fault.kind === 'busy') {
    return {
      status: 429,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'retry-after': String(fault.retryAfter),
      },
      body: '{"errors":[{"code":"TOO_MANY_REQUEST","message":"too many requests"}]}\n',
    }
  }
  return undefined
}

function send(
  response: ServerResponse,
  method: string,
  { reply, cookies }: Pick<Handled, 'reply' | 'cookies'>,
): void {
  const { status, headers, body } = reply
  const known = typeof body !== 'string' || body.length <= UNCHUNKED
  if (known && status !== 304 && headers['content-length'] === undefined) {
    const length = Buffer.byteLength(body)
    if (method !== 'HEAD' || length > 0) response.setHeader('content-length', length)
  }
  if (cookies.length > 0) response.setHeader('set-cookie', cookies)
  response.writeHead(status, headers)
  response.end(body)
}
