import tls, { rootCertificates } from 'node:tls'
import { DecoratorHandler, EnvHttpProxyAgent, Pool, type Dispatcher } from 'undici'
import { codeOf } from '../shared/failure.ts'
import { USUAL_WAITS } from './party.ts'
import { LARGEST } from './send.ts'

/** How connections are made. */
export interface ConnectionOptions {
  /** Connections at most, each with one request at a time. */
  readonly concurrency: number
  /** PEM certificates to trust beside those that Node trusts. */
  readonly ca?: string | undefined
  readonly insecureSkipTlsVerify?: boolean
  readonly proxies?: Proxies
  /** Whether answers may be of any size: blobs, which are handed on as they come. Others are held in memory. */
  readonly large?: boolean
}

/** The proxies that the environment names, as URLs, and the hosts that are reached without. */
export interface Proxies {
  readonly httpProxy: string
  readonly httpsProxy: string
  readonly noProxy: string
}

const CONNECT_MS = 15_000
const NO_PROXIES: Proxies = { httpProxy: '', httpsProxy: '', noProxy: '' }

/** Connections that stay open between requests, through a proxy where there is one. */
export function connect(options: ConnectionOptions): Dispatcher {
  const { concurrency, ca, insecureSkipTlsVerify = false, proxies = NO_PROXIES, large = false } = options
  const trust = {
    ...(ca === undefined ? {} : { ca: [...trusted(), ca] }),
    rejectUnauthorized: !insecureSkipTlsVerify,
  }
  return new EnvHttpProxyAgent({
    ...proxies,
    clientFactory: proxyClient,
    connections: concurrency,
    pipelining: 1,
    keepAliveTimeout: 30_000,
    connect: { timeout: CONNECT_MS, ...trust },
    requestTls: trust,
    headersTimeout: USUAL_WAITS.answer * 1000,
    bodyTimeout: USUAL_WAITS.rest * 1000,
    maxResponseSize: large ? -1 : LARGEST,
  })
}

/**
 * What is trusted without an authority of one's own: with NODE_EXTRA_CA_CERTS, and with the system's where Node was told
 * to use them. Before 22.15 Node doesn't say which these are.
 */
function trusted(): readonly string[] {
  return 'getCACertificates' in tls ? tls.getCACertificates('default') : rootCertificates
}

/**
 * The connections to a proxy over which it is asked for tunnels. Where it cuts them instead of answering, that is a
 * failure like any other: undici takes UND_ERR_SOCKET for something that passes, and would ask again at once, without
 * end (measured with 7.30: thousands of times a second).
 */
function proxyClient(origin: URL, options: object): Dispatcher {
  const pool = new Pool(origin, { ...options, headersTimeout: CONNECT_MS })
  return pool.compose((dispatch) => (asked, handler) => dispatch(asked, tunnelling(handler)))
}

function tunnelling(handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler {
  const inner: Dispatcher.DispatchHandler = new DecoratorHandler(handler)
  return {
    onRequestStart: (controller, context) => inner.onRequestStart?.(controller, context),
    onRequestUpgrade: (...answer) => inner.onRequestUpgrade?.(...answer),
    onResponseStart: (...answer) => inner.onResponseStart?.(...answer),
    onResponseData: (controller, chunk) => inner.onResponseData?.(controller, chunk),
    onResponseEnd: (controller, trailers) => inner.onResponseEnd?.(controller, trailers),
    onResponseError: (controller, error) => {
      const code = AS_CONNECTIONS[codeOf(error) ?? '']
      const failure =
        code === undefined ? error : Object.assign(new Error(error.message, { cause: error }), { code })
      inner.onResponseError?.(controller, failure)
    },
  }
}

/** What comes between us and a proxy comes between us and the server. */
const AS_CONNECTIONS: Readonly<Record<string, string>> = {
  UND_ERR_SOCKET: 'ECONNRESET',
  UND_ERR_HEADERS_TIMEOUT: 'UND_ERR_CONNECT_TIMEOUT',
}
