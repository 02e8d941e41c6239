// A server that answers whatever a test wants, and remembers what it was asked.
import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server as PlainServer,
  type ServerResponse,
} from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'

export interface Server {
  readonly url: string
  readonly port: number
  readonly requests: readonly IncomingMessage[]
  /** The most requests that were under way at once. */
  readonly most: number
  /** Connections that were made. */
  readonly connections: number
  readonly close: () => Promise<void>
}

export interface Secure {
  readonly key: string
  readonly cert: string
}

/** @param answer told which request it is, from 1 */
export type Answering = (request: IncomingMessage, response: ServerResponse, nth: number) => void

export async function serve(answer: Answering, secure?: Secure): Promise<Server> {
  const requests: IncomingMessage[] = []
  const count = { now: 0, most: 0, connections: 0 }
  const listener: RequestListener = (request, response) => {
    requests.push(request)
    count.now += 1
    count.most = Math.max(count.most, count.now)
    response.on('close', () => {
      count.now -= 1
    })
    request.resume()
    answer(request, response, requests.length)
  }
  const server: PlainServer | SecureServer =
    secure === undefined ? createServer(listener) : createSecureServer(secure, listener)
  server.on(secure === undefined ? 'connection' : 'secureConnection', () => {
    count.connections += 1
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  return {
    url: `${secure === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    requests,
    get most() {
      return count.most
    },
    get connections() {
      return count.connections
    },
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** The answers one after the other, the last of them again and again. */
export function inTurn(...replies: readonly Reply[]): Answering {
  return (_request, response, nth) => {
    const { status = 200, headers = {}, body = '[]' } = replies[Math.min(nth, replies.length) - 1] ?? {}
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    response.end(body)
  }
}

/** A body of Harbor's for an error. */
export function harborError(code: string, message: string): string {
  return `${JSON.stringify({ errors: [{ code, message }] })}\n`
}
