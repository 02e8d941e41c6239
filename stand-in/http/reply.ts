// What is sent back, in the forms that Harbor's answers have.
import type { HarborError } from '../state/error.ts'

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

const JSON_TYPE = 'application/json; charset=utf-8'

export function empty(status: number, headers: Reply['headers'] = {}): Reply {
  return { status, headers, body: '' }
}

/** An answer of the API v2.0. */
export function json(value: unknown, headers: Reply['headers'] = {}, status = 200): Reply {
  const body = `${JSON.stringify(value)}\n`
  return { status, headers: { 'content-type': 'application/json', ...headers }, body }
}

/** An answer that Harbor writes itself, as under /v2. */
export function rawJson(value: unknown, headers: Reply['headers'] = {}): Reply {
  return { status: 200, headers: { 'content-type': JSON_TYPE, ...headers }, body: `${escaped(value)}\n` }
}

export function plain(text: string): Reply {
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: text }
}

/** As Go's own HTTP server refuses. */
export function plainError(status: number, text: string, headers: Reply['headers'] = {}): Reply {
  const type = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }
  return { status, headers: { ...type, ...headers }, body: `${text}\n` }
}

export function created(location: string): Reply {
  return empty(201, { location })
}

const DISTRIBUTION_ERRORS: ReadonlySet<string> = new Set([
  'BLOB_UNKNOWN',
  'BLOB_UPLOAD_INVALID',
  'BLOB_UPLOAD_UNKNOWN',
  'DIGEST_INVALID',
  'MANIFEST_BLOB_UNKNOWN',
  'MANIFEST_UNKNOWN',
])
export const FROM_DISTRIBUTION = { 'docker-distribution-api-version': 'registry/2.0' }

export function errorReply({ status, code, message, details, headers }: HarborError): Reply {
  const errors =
    details === undefined ? [{ code, message }] : details.map((detail) => ({ code, message, detail }))
  const origin = DISTRIBUTION_ERRORS.has(code) ? FROM_DISTRIBUTION : {}
  return {
    status,
    headers: { 'content-type': JSON_TYPE, ...origin, ...headers },
    body: `${escaped({ errors })}\n`,
  }
}

/** Go's encoder escapes these unless told not to, and what was no UTF-8. */
function escaped(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[<>&\uFFFD]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
