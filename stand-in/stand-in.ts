// The stand-in Harbor: a server in this process that behaves like a real one, over a state that tests,
// demos and benchmarks can fill and look at directly.
import { createServer } from 'node:http'
import { once } from 'node:events'
import { ROUTES } from './api/routes.ts'
import type { CostModel } from './http/costs.ts'
import { Faults } from './http/faults.ts'
import { HARBOR_COSTS } from './http/harbor-costs.ts'
import { type LoggedRequest, RequestLog } from './http/request-log.ts'
import { Router } from './http/router.ts'
import { Responder } from './http/respond.ts'
import { Sessions } from './security/sessions.ts'
import { Tokens } from './security/tokens.ts'
import { TIMINGS, type Timings } from './state/clock.ts'
import { Registry, type Version } from './state/registry.ts'
import { Uploads } from './v2/uploads.ts'

export interface StandInOptions {
  /** 2.15.1 unless given. */
  readonly version?: Version
  /** A free one unless given. */
  readonly port?: number
  /** Milliseconds since 1970; the machine's clock unless given. */
  readonly clock?: () => number
  /** How long answers take: not at all unless given, or as a real Harbor's on two cores. */
  readonly costs?: 'none' | 'harbor' | CostModel
  /** How long what happens behind a request takes: not at all unless given. */
  readonly timings?: 'none' | 'harbor' | Timings
  /** Whether `requests` is kept: it is unless told not to. */
  readonly keepLog?: boolean
  /** Harbor12345 unless given. */
  readonly adminPassword?: string
}

export interface StandIn {
  readonly url: string
  /** The state: add projects, push images, set times, without HTTP. */
  readonly registry: Registry
  readonly faults: Faults
  readonly requests: readonly LoggedRequest[]
  resetRequests(): void
  close(): Promise<void>
}

/** Go's servers read heads of that many bytes: lists of ids may be long. */
const LONGEST_HEAD = 2 ** 20
const COSTS = { none: null, harbor: HARBOR_COSTS }

export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const { version = '2.15.1', clock = Date.now, costs = 'none', timings = 'none' } = options
  const registry = new Registry({
    version,
    clock,
    timings: typeof timings === 'string' ? TIMINGS[timings] : timings,
    adminPassword: options.adminPassword ?? 'Harbor12345',
  })
  const faults = new Faults()
  const log = new RequestLog(options.keepLog ?? true)
  const responder = new Responder({
    harbor: {
      registry,
      router: new Router(ROUTES, version),
      sessions: new Sessions(),
      tokens: new Tokens(registry),
      uploads: new Uploads(),
    },
    faults,
    log,
    costs: typeof costs === 'string' ? COSTS[costs] : costs,
  })
  const server = createServer({ maxHeaderSize: LONGEST_HEAD }, (request, response) => {
    void responder.respond(request, response)
  })
  server.keepAliveTimeout = 60_000
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  registry.externalUrl = `http://127.0.0.1:${port}`
  return {
    url: registry.externalUrl,
    registry,
    faults,
    requests: log.entries,
    resetRequests: () => {
      log.reset()
    },
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
