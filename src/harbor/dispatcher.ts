import { rootCertificates } from 'node:tls'
import { EnvHttpProxyAgent, type Dispatcher } from 'undici'

/** How connections are made. */
export interface ConnectionOptions {
  /** Connections at most, each with one request at a time. */
  readonly concurrency: number
  /** PEM certificates to trust beside the public ones. */
  readonly ca?: string
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

const NO_PROXIES: Proxies = { httpProxy: '', httpsProxy: '', noProxy: '' }

/** Connections that stay open between requests, through a proxy where there is one. */
export function connect(options: ConnectionOptions): Dispatcher {
  const { concurrency, ca, insecureSkipTlsVerify = false, proxies = NO_PROXIES, large = false } = options
  const tls = {
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
    rejectUnauthorized: !insecureSkipTlsVerify,
  }
  return new EnvHttpProxyAgent({
    ...proxies,
    connections: concurrency,
    pipelining: 1,
    keepAliveTimeout: 30_000,
    connect: { timeout: 15_000, ...tls },
    requestTls: tls,
    headersTimeout: 300_000,
    bodyTimeout: 120_000,
    maxResponseSize: large ? -1 : 2 ** 28,
  })
}
