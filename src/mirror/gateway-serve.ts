import type { IncomingMessage, ServerResponse } from 'node:http'
import { HarborError } from '../harbor/errors.ts'
import type { RetryPolicy } from '../harbor/retry.ts'
import { messageOf } from '../shared/failure.ts'
import { REGISTRY, refuse, type Refusal } from './gateway-answer.ts'
import { serveBlob } from './gateway-blob.ts'
import { serveManifest } from './gateway-manifest.ts'
import { Tries, type OnRetry } from './gateway-tries.ts'
import type { OpenSource } from './gateway-source.ts'
import type { Upstream } from './gateway-upstream.ts'

export interface Serving {
  readonly upstream: Upstream
  /** By user name. */
  readonly sources: ReadonlyMap<string, OpenSource>
  readonly retry: RetryPolicy
  readonly onRetry: OnRetry
}

type Method = 'GET' | 'HEAD'
type Answering = (method: Method, signal: AbortSignal) => Promise<void>

const CONTENT = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/

/** Answers one request: who asks, for what, may they, and only then is Harbor asked. */
export async function serve(
  serving: Serving,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const source = sourceOf(serving.sources, request.headers.authorization)
  if (source === undefined) {
    refuse(response, UNAUTHORIZED)
    return
  }
  const { method, url = '' } = request
  if (method !== 'GET' && method !== 'HEAD') {
    refuse(response, READ_ONLY)
    return
  }
  if (url === '/v2/') {
    response
      .writeHead(200, { ...REGISTRY, 'content-type': 'application/json', 'content-length': 2 })
      .end('{}')
    return
  }
  const answering = choose({ serving, source, response }, url, request.headers.accept ?? '*/*')
  if ('status' in answering) {
    refuse(response, answering)
    return
  }
  await guarded(source, response, (signal) => answering.answer(method, signal))
}

/** Whose user name and password these are. */
function sourceOf(sources: Serving['sources'], authorization = ''): OpenSource | undefined {
  const [, encoded = ''] = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization) ?? []
  const [, username = '', password = ''] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? []
  const source = sources.get(username)
  return source?.isPassword(password) === true ? source : undefined
}

function choose(
  { serving, source, response }: { serving: Serving; source: OpenSource; response: ServerResponse },
  url: string,
  accept: string,
): Refusal | { readonly answer: Answering } {
  const [, repository = '', kind, digest = ''] = CONTENT.exec(url) ?? []
  if (kind === undefined) return UNKNOWN
  const { upstream, retry } = serving
  const tries = new Tries(retry, (error, pauseMs) => {
    source.moved()
    serving.onRetry(error, pauseMs)
  })
  const reading = { upstream, source, tries }
  if (kind === 'manifests') {
    if (!source.hasManifest(repository, digest)) return denied('manifest')
    return {
      answer: (_method, signal) => serveManifest(reading, { repository, digest, accept, signal }, response),
    }
  }
  const size = source.blobSize(repository, digest)
  if (size === undefined) return denied('blob')
  return {
    answer: (method, signal) => serveBlob(reading, { method, repository, digest, size, signal }, response),
  }
}

/** Ends a request when its client goes or its source is closed, and tells what failed. */
async function guarded(
  source: OpenSource,
  response: ServerResponse,
  answer: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const controller = source.begin()
  const abort = (): void => {
    controller.abort()
  }
  response.once('close', abort)
  try {
    await answer(controller.signal)
  } catch (error) {
    if (controller.signal.aborted) {
      response.destroy()
      return
    }
    const failure = error instanceof Error ? error : new Error(messageOf(error))
    source.failed(failure)
    refuse(response, refusalOf(failure))
  } finally {
    source.end(controller)
  }
}

/**
 * The answer for a request that Harbor didn't answer well. Its 401 is about the gateway's credentials, not the
 * client's, and 429 would have the client begin with tries of its own.
 */
function refusalOf(error: Error): Refusal {
  const { message } = error
  if (!(error instanceof HarborError)) return { status: 500, code: 'UNKNOWN', message }
  if (error.status === 404) return { status: 404, code: error.code, message }
  if (error.status === 401 || error.status === 403) return { status: 403, code: 'DENIED', message }
  return { status: 502, code: 'UNAVAILABLE', message }
}

const UNAUTHORIZED: Refusal = {
  status: 401,
  code: 'UNAUTHORIZED',
  message: 'this gateway belongs to one run of harbor-dredge',
  headers: { 'www-authenticate': 'Basic realm="harbor-dredge"', connection: 'close' },
}
const READ_ONLY: Refusal = {
  status: 405,
  code: 'UNSUPPORTED',
  message: 'this gateway only reads',
  headers: { allow: 'GET, HEAD', connection: 'close' },
}
const UNKNOWN: Refusal = {
  status: 404,
  code: 'NOT_FOUND',
  message: 'this gateway has only manifests and blobs, by digest',
}

function denied(what: string): Refusal {
  return { status: 403, code: 'DENIED', message: `this ${what} isn't part of what is copied` }
}
