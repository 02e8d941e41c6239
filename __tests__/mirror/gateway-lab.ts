// What tests of the gateway have in common: a gateway, a client that sees whether an answer was whole, and an upstream
// that misbehaves as a test wants.
import { createHash, randomBytes } from 'node:crypto'
import { request, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, type Dispatcher } from 'undici'
import type { HarborError } from '../../src/harbor/errors.ts'
import { startGateway, type Gateway, type Source } from '../../src/mirror/gateway.ts'
import { ADMIN, FAST } from '../helpers/connect.ts'
import { serve, type Server } from '../helpers/server.ts'

export const REPOSITORY = 'team/app'

export interface Lab {
  readonly gateway: Gateway
  readonly retries: readonly HarborError[]
  readonly close: () => Promise<void>
}

export async function gatewayTo(url: string, options: Agent.Options = {}): Promise<Lab> {
  const dispatcher: Dispatcher = new Agent(options)
  const retries: HarborError[] = []
  const gateway = await startGateway({
    harbor: { url, credentials: ADMIN, dispatcher },
    retry: FAST,
    onRetry: (error) => retries.push(error),
  })
  return {
    gateway,
    retries,
    close: async () => {
      await gateway.close()
      await dispatcher.destroy()
    },
  }
}

export interface Got {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** Whether the connection lasted to the answer's end. */
  readonly whole: boolean
}

export interface Asking {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** As whoever is given, or as nobody. */
export async function ask(
  { host }: Gateway,
  path: string,
  as?: Pick<Source, 'username' | 'password'>,
  { method = 'GET', headers = {} }: Asking = {},
): Promise<Got> {
  const authorization = as === undefined ? {} : { authorization: basic(as) }
  const [hostname, port] = host.split(':')
  // As it is: a URL would have its path normalised.
  const outgoing = request({
    hostname,
    port,
    path,
    method,
    agent: false,
    headers: { ...authorization, ...headers },
  })
  outgoing.end()
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on('response', resolve).on('error', reject)
  })
  const chunks: Buffer[] = []
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk)
  } catch {
    // What came is kept, and that it isn't whole.
  }
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    body: Buffer.concat(chunks),
    whole: answer.complete,
  }
}

export function basic({ username, password }: Pick<Source, 'username' | 'password'>): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

export function digestOf(bytes: Buffer | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** A manifest with one layer, and their addresses. */
export interface Image {
  readonly manifest: string
  readonly digest: string
  readonly layer: Buffer
  readonly manifestPath: string
  readonly layerPath: string
}

export function image(size: number): Image {
  const layer = randomBytes(size)
  const manifest = JSON.stringify({
    schemaVersion: 2,
    config: { digest: digestOf('{}'), size: 2 },
    layers: [{ digest: digestOf(layer), size }],
  })
  const digest = digestOf(manifest)
  return {
    manifest,
    digest,
    layer,
    manifestPath: `/v2/${REPOSITORY}/manifests/${digest}`,
    layerPath: `/v2/${REPOSITORY}/blobs/${digestOf(layer)}`,
  }
}

export type AnsweringLayer = (request: IncomingMessage, response: ServerResponse, nth: number) => void

export interface Upstream {
  readonly server: Server
  /** The requests for the layer. */
  readonly layerRequests: readonly IncomingMessage[]
}

/** A registry that has one image, and answers for its layer as a test wants. */
export async function upstreamOf(
  { manifest, manifestPath }: Image,
  answer: AnsweringLayer,
): Promise<Upstream> {
  const layerRequests: IncomingMessage[] = []
  const server = await serve((incoming, response) => {
    if (incoming.url === manifestPath) {
      response.writeHead(200, { 'content-type': 'application/vnd.oci.image.manifest.v1+json' }).end(manifest)
      return
    }
    layerRequests.push(incoming)
    answer(incoming, response, layerRequests.length)
  })
  return { server, layerRequests }
}

/** Where a request with Range begins. */
export function startOf({ headers }: IncomingMessage): number {
  return Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
}

/** The layer from where it is asked for, as registries answer. */
export function sendLayer(layer: Buffer, incoming: IncomingMessage, response: ServerResponse): void {
  const start = startOf(incoming)
  const rest = layer.subarray(start)
  const range = { 'content-range': `bytes ${start}-${layer.length - 1}/${layer.length}` }
  response.writeHead(start === 0 ? 200 : 206, {
    'content-length': rest.length,
    ...(start === 0 ? {} : range),
  })
  response.end(rest)
}

/** Only the first bytes of that, and the connection is cut. */
export function cutLayer(
  layer: Buffer,
  bytes: number,
  incoming: IncomingMessage,
  response: ServerResponse,
): void {
  const start = startOf(incoming)
  const rest = layer.subarray(start)
  const range = { 'content-range': `bytes ${start}-${layer.length - 1}/${layer.length}` }
  response.writeHead(start === 0 ? 200 : 206, {
    'content-length': rest.length,
    ...(start === 0 ? {} : range),
  })
  response.write(rest.subarray(0, bytes), () => {
    response.destroy()
  })
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(1)
}
