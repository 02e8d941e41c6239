import { rootCertificates } from 'node:tls'
import { EnvHttpProxyAgent, type Dispatcher } from 'undici'

/** How connections are made. */
export interface ConnectionOptions {
  /** Connections at most, each with one request at a time. */
  readonly concurrency: number
  /** PEM certificates to trust beside the public ones. */
  readonly ca?: string
  readonly insecureSkipTlsVerify?: boolean
}

/**
 * Connections that stay open between requests, through the proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY (or their
 * lower-case forms) name.
 */
export function connect({ concurrency, ca, insecureSkipTlsVerify = false }: ConnectionOptions): Dispatcher {
  const tls = {
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
    rejectUnauthorized: !insecureSkipTlsVerify,
  }
  return new EnvHttpProxyAgent({
    connections: concurrency,
    pipelining: 1,
    keepAliveTimeout: 30_000,
    connect: { timeout: 15_000, ...tls },
    requestTls: tls,
    headersTimeout: 300_000,
    bodyTimeout: 120_000,
    maxResponseSize: 2 ** 28,
  })
}
