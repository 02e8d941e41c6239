import { codeOf, messageOf } from '../shared/failure.ts'
import { Unreachable, type Exchange } from './errors.ts'

const HOST = 'check the host in harbor-url'
const TRUST =
  'give the certificate of its authority as ca-file (insecure-skip-tls-verify: true turns the check off, and with it the protection)'

const NO_TLS = ['it does not speak TLS there', 'check scheme and port in harbor-url: http or https?'] as const

/** What the codes of Node, OpenSSL and undici mean, and what to do. */
const CAUSES: Readonly<Record<string, readonly [string, string]>> = {
  ENOTFOUND: ['the host has no address', HOST],
  EAI_AGAIN: ['the name server did not answer', 'check the network'],
  ECONNREFUSED: ['nothing listens there', 'check host and port in harbor-url, and that Harbor runs'],
  EHOSTUNREACH: ['the host cannot be reached', 'check the network between here and Harbor'],
  ENETUNREACH: ['the network cannot be reached', 'check the network between here and Harbor'],
  ECONNRESET: ['the connection was cut', 'a proxy or Harbor itself closed it; its log may say why'],
  EPIPE: ['the connection was cut', 'a proxy or Harbor itself closed it; its log may say why'],
  UND_ERR_SOCKET: ['the connection was cut', 'a proxy or Harbor itself closed it; its log may say why'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: [
    'the answer was cut short',
    'a proxy or Harbor itself closed the connection',
  ],
  UND_ERR_CONNECT_TIMEOUT: ['no connection within 15 s', HOST],
  UND_ERR_HEADERS_TIMEOUT: [
    'no answer within 300 s',
    'lower `concurrency`, or look at the load on Harbor and its database',
  ],
  UND_ERR_BODY_TIMEOUT: [
    'the answer stopped for 120 s',
    'lower `concurrency`, or look at the load on Harbor',
  ],
  UND_ERR_RES_EXCEEDED_MAX_SIZE: ['the answer is over 256 MiB', 'is this a Harbor?'],
  ERR_INVALID_URL: ['the address is not a URL', HOST],
  SELF_SIGNED_CERT_IN_CHAIN: ['its certificate is not trusted', TRUST],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['its certificate is self-signed', TRUST],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['its certificate is not trusted', TRUST],
  UNABLE_TO_GET_ISSUER_CERT: ['its certificate is not trusted', TRUST],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['its certificate is not trusted', TRUST],
  CERT_HAS_EXPIRED: ['its certificate has expired', 'renew it on the server'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'its certificate is for another host',
    'check harbor-url, or renew the certificate',
  ],
  EPROTO: NO_TLS,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  ERR_SSL_HTTP_REQUEST: NO_TLS,
}

/** The error for a request that got no answer, from what Node says of it. */
export function unreachable(cause: unknown, exchange: Exchange): Unreachable {
  const code = codeOf(cause) ?? 'UNREACHABLE'
  const [words, advice] = CAUSES[code] ?? [messageOf(cause), 'check harbor-url']
  return new Unreachable(code, `no answer: ${words}; ${advice}`, exchange, { cause })
}

/** Whether nothing was reached at all: with a certificate to complain about, something was. */
export function isNoConnection({ code }: Unreachable): boolean {
  return !/^(?:EPROTO|ERR_SSL_.*|ERR_TLS_.*|.*CERT.*|UNABLE_.*)$/.test(code)
}

/** Whether the same connection may work a moment later. Names and certificates don't change that fast. */
export function mayConnectLater({ code }: Unreachable): boolean {
  return !/^(?:ENOTFOUND|ERR_INVALID_URL|EPROTO|ERR_SSL_.*|ERR_TLS_.*|UND_ERR_RES_EXCEEDED_MAX_SIZE|.*CERT.*|UNABLE_.*)$/.test(
    code,
  )
}
