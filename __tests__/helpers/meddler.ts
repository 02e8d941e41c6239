// Stands between clients and a server, bytes and all, and does to the nth request what networks and proxies do.
import { once } from 'node:events'
import {
  Agent,
  createServer,
  request as ask,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { buffer } from 'node:stream/consumers'

export type Mischief =
  /** Answered by something else, before or after it was done. */
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
      readonly acted?: boolean
    }
  /** The connection is cut: before anything is asked, or once it was done. */
  | { readonly kind: 'cut'; readonly acted: boolean }
  /** Half of what is sent arrives, then both connections are cut. */
  | { readonly kind: 'half a request' }
  /** Half of the answer's body comes, then the connection is cut. */
  | { readonly kind: 'half an answer' }
  /** Half of the answer's body, which passes for all of it. */
  | { readonly kind: 'short' }
  /** Nothing comes any more: no answer, or half of one. */
  | { readonly kind: 'stall'; readonly within: boolean }
  /** One byte of the answer's body is another one. */
  | { readonly kind: 'damaged' }
  /** A digest of something else in the answer's head. */
  | { readonly kind: 'other digest' }
  /** Asked without what says who asks, as if it had expired. */
  | { readonly kind: 'expired' }

export interface Passed {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly userAgent: string
  /** 0 where none was given. */
  status: number
}

export interface Plot {
  readonly concerns?: (passed: Passed) => boolean
  /** How many such requests pass unharmed first. */
  readonly after?: number
  /** How many are hit; one unless given. */
  readonly times?: number
  /** Of those that come after, one in so many is hit. */
  readonly every?: number
}

interface Plotted extends Required<Plot> {
  readonly mischief: Mischief
  seen: number
  hits: number
}

interface Given {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

const OTHER = `sha256:${'0'.repeat(64)}`

export class Meddler {
  readonly requests: Passed[] = []
  /** Waited for before a request goes on. */
  hold: (passed: Passed) => Promise<void> | void = () => undefined
  readonly #target: string
  readonly #agent = new Agent({ keepAlive: true })
  readonly #server = createServer((incoming, outgoing) => {
    outgoing.on('error', () => undefined)
    this.#underWay += 1
    this.#serve(incoming, outgoing)
      .catch(() => {
        incoming.socket.destroy()
      })
      .finally(() => {
        this.#underWay -= 1
      })
  })
  #underWay = 0
  #plots: Plotted[] = []

  private constructor(target: string) {
    this.#target = target
  }

  static async start(target: string): Promise<Meddler> {
    const meddler = new Meddler(target)
    meddler.#server.keepAliveTimeout = 60_000
    meddler.#server.listen(0, '127.0.0.1')
    await once(meddler.#server, 'listening')
    return meddler
  }

  get url(): string {
    const address = this.#server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`
  }

  /** Requests that are neither answered nor given up. */
  get underWay(): number {
    return this.#underWay
  }

  plot(
    mischief: Mischief,
    { concerns = () => true, after = 0, times = 1, every = 1 }: Plot = {},
  ): { readonly hits: number } {
    const plotted = { mischief, concerns, after, times, every, seen: 0, hits: 0 }
    this.#plots.push(plotted)
    return plotted
  }

  /** Nothing is done to what comes, and what was held is let go by cutting it. */
  reset(): void {
    this.#plots = []
    this.hold = () => undefined
    this.requests.length = 0
    this.#server.closeAllConnections()
  }

  async close(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    this.#agent.destroy()
    await once(this.#server, 'close')
  }

  #strike(passed: Passed): Mischief | undefined {
    for (const plotted of this.#plots) {
      if (!plotted.concerns(passed)) continue
      plotted.seen += 1
      const nth = plotted.seen - plotted.after - 1
      if (nth < 0 || nth % plotted.every > 0 || plotted.hits >= plotted.times) continue
      plotted.hits += 1
      return plotted.mischief
    }
    return undefined
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = incoming
    const passed = { method, path, userAgent: headers['user-agent'] ?? '', status: 0 }
    this.requests.push(passed)
    const mischief = this.#strike(passed)
    await this.hold(passed)
    if (mischief === undefined) {
      deliver(outgoing, await this.#forward(incoming, await buffer(incoming)), passed)
    } else if (mischief.kind === 'stall' && !mischief.within) {
      // Not even what is sent is read.
      await once(outgoing, 'close')
    } else if (mischief.kind === 'cut' && !mischief.acted) {
      incoming.socket.destroy()
    } else if (mischief.kind === 'half a request') {
      await this.#forwardHalf(incoming)
    } else {
      await this.#meddle(mischief, { incoming, outgoing, passed })
    }
  }

  async #meddle(
    mischief: Exclude<Mischief, { readonly kind: 'half a request' }>,
    { incoming, outgoing, passed }: { incoming: IncomingMessage; outgoing: ServerResponse; passed: Passed },
  ): Promise<void> {
    const body = await buffer(incoming)
    if (mischief.kind === 'answer') {
      const { status, headers = {}, body: text = '', acted = false } = mischief
      if (acted) await this.#forward(incoming, body)
      deliver(outgoing, { status, headers, body: Buffer.from(text) }, passed)
      return
    }
    const given = await this.#forward(incoming, body, mischief.kind === 'expired')
    const half = Math.floor(given.body.length / 2)
    switch (mischief.kind) {
      case 'half an answer':
      case 'stall': {
        const isBare = incoming.method === 'HEAD' || given.body.length === 0
        const cut = (): void => {
          if (mischief.kind !== 'stall') incoming.socket.destroy()
        }
        if (isBare) cut()
        else begin(outgoing, given, passed).write(given.body.subarray(0, half), cut)
        await once(outgoing, 'close')
        return
      }
      case 'cut':
        incoming.socket.destroy()
        return
      case 'short': {
        const { 'content-length': _length, ...headers } = given.headers
        deliver(outgoing, { ...given, headers, body: given.body.subarray(0, half) }, passed)
        return
      }
      case 'damaged': {
        const damaged = Buffer.from(given.body)
        if (damaged.length > 0) damaged[half] = (damaged[half] ?? 0) ^ 1
        deliver(outgoing, { ...given, body: damaged }, passed)
        return
      }
      case 'other digest': {
        const headers = { ...given.headers }
        if ('docker-content-digest' in headers) headers['docker-content-digest'] = OTHER
        deliver(outgoing, { ...given, headers }, passed)
        return
      }
      case 'expired':
        deliver(outgoing, given, passed)
    }
  }

  async #forward(incoming: IncomingMessage, body: Buffer, asNobody = false): Promise<Given> {
    const { 'transfer-encoding': _chunked, ...headers } = incoming.headers
    if (asNobody) delete headers.authorization
    if (body.length > 0) headers['content-length'] = String(body.length)
    const { method } = incoming
    const outgoing = ask(`${this.#target}${incoming.url ?? ''}`, { method, headers, agent: this.#agent })
    outgoing.end(body)
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.on('response', resolve).on('error', reject)
    })
    const { 'transfer-encoding': _chunks, connection: _connection, ...others } = answer.headers
    return { status: answer.statusCode ?? 0, headers: others, body: await buffer(answer) }
  }

  /** The server sees a client that goes away in the middle, and the client a server that does. */
  async #forwardHalf(incoming: IncomingMessage): Promise<void> {
    const body = await buffer(incoming)
    if (body.length === 0) {
      incoming.socket.destroy()
      return
    }
    const { 'transfer-encoding': _chunked, ...headers } = incoming.headers
    const length = String(body.length)
    const { method } = incoming
    const outgoing = ask(`${this.#target}${incoming.url ?? ''}`, {
      method,
      agent: false,
      headers: { ...headers, 'content-length': length },
    })
    outgoing.on('error', () => undefined)
    outgoing.write(body.subarray(0, Math.floor(body.length / 2)), () => {
      outgoing.destroy()
      incoming.socket.destroy()
    })
  }
}

function begin(outgoing: ServerResponse, { status, headers }: Given, passed: Passed): ServerResponse {
  Object.assign(passed, { status })
  return outgoing.writeHead(status, headers)
}

function deliver(outgoing: ServerResponse, given: Given, passed: Passed): void {
  const { headers, body } = given
  const isHead = outgoing.req.method === 'HEAD'
  const length = isHead ? headers['content-length'] : String(body.length)
  const all = { ...headers, ...(length === undefined ? {} : { 'content-length': length }) }
  begin(outgoing, { ...given, headers: all }, passed).end(body)
}
