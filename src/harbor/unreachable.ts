import { codeOf, messageOf } from '../shared/failure.ts'
import { Unreachable, type Exchange } from './errors.ts'
import { HARBOR, USUAL_WAITS, type Party } from './party.ts'

type Cause = readonly [words: string, advice: string]

/** What the codes of Node, OpenSSL and undici mean, and what to do. */
function causesOf({
  name,
  doubt,
  slow,
  waits = USUAL_WAITS,
  inputs,
}: Party): Readonly<Record<string, Cause>> {
  const { url, caFile, insecureSkipTlsVerify } = inputs
  const host = `check the host in ${url}`
  const off =
    insecureSkipTlsVerify === undefined
      ? ''
      : ` (${insecureSkipTlsVerify}: true turns the check off, and with it the protection)`
  const trust = `give the certificate of its authority as ${caFile}${off}`
  const network = `check the network between here and ${name}`
  const closed = `a proxy or ${name} itself closed it; its log may say why`
  const noTls: Cause = ['it does not speak TLS there', `check scheme and port in ${url}: http or https?`]
  return {
    ENOTFOUND: ['the host has no address', host],
    EAI_AGAIN: ['the name server did not answer', 'check the network'],
    ECONNREFUSED: ['nothing listens there', `check host and port in ${url}, and that ${name} runs`],
    EHOSTUNREACH: ['the host cannot be reached', network],
    ENETUNREACH: ['the network cannot be reached', network],
    ECONNRESET: ['the connection was cut', closed],
    EPIPE: ['the connection was cut', closed],
    UND_ERR_SOCKET: ['the connection was cut', closed],
    UND_ERR_RES_CONTENT_LENGTH_MISMATCH: [
      'the answer was cut short',
      `a proxy or ${name} itself closed the connection`,
    ],
    UND_ERR_CONNECT_TIMEOUT: ['no connection within 15 s', host],
    UND_ERR_HEADERS_TIMEOUT: [`no answer within ${waits.answer} s`, slow],
    UND_ERR_BODY_TIMEOUT: [`the answer stopped for ${waits.rest} s`, slow],
    UND_ERR_RES_EXCEEDED_MAX_SIZE: ['the answer is over 256 MiB', doubt],
    ERR_INVALID_URL: ['the address is not a URL', host],
    SELF_SIGNED_CERT_IN_CHAIN: ['its certificate is not trusted', trust],
    DEPTH_ZERO_SELF_SIGNED_CERT: ['its certificate is self-signed', trust],
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['its certificate is not trusted', trust],
    UNABLE_TO_GET_ISSUER_CERT: ['its certificate is not trusted', trust],
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['its certificate is not trusted', trust],
    CERT_HAS_EXPIRED: ['its certificate has expired', 'renew it on the server'],
    ERR_TLS_CERT_ALTNAME_INVALID: [
      'its certificate is for another host',
      `check ${url}, or renew the certificate`,
    ],
    EPROTO: noTls,
    ERR_SSL_WRONG_VERSION_NUMBER: noTls,
    ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
    ERR_SSL_HTTP_REQUEST: noTls,
  }
}

/** The error for a request that got no answer, from what Node says of it. */
export function unreachable(cause: unknown, exchange: Exchange, party: Party = HARBOR): Unreachable {
  const code = codeOf(cause) ?? 'UNREACHABLE'
  const [words, advice] = causesOf(party)[code] ?? [messageOf(cause), `check ${party.inputs.url}`]
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
