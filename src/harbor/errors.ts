import * as v from 'valibot'
import { HARBOR, type Party } from './party.ts'

/** Where a request went and what came back, for messages. Never holds a credential. */
export interface Exchange {
  readonly method: string
  /** Path and query, as sent. */
  readonly path: string
  /** HTTP status; 0 when no answer came. */
  readonly status: number
  /** Harbor's X-Request-Id, by which its logs have the request. */
  readonly requestId?: string | undefined
  readonly retryAfter?: string | undefined
}

/** Something went wrong between us and Harbor, or another registry. The message says what, where, and what to do. */
export class HarborError extends Error {
  override readonly name: string = 'HarborError'
  readonly status: number
  /** Harbor's error code (`NOT_FOUND`, `PRECONDITION`, …), or one of ours for what isn't an answer of Harbor's. */
  readonly code: string
  readonly method: string
  readonly path: string
  readonly requestId: string | undefined
  /** The Retry-After header, as it came. */
  readonly retryAfter: string | undefined

  constructor(code: string, message: string, exchange: Exchange, options?: ErrorOptions) {
    super(`${exchange.method} ${exchange.path}: ${message}`, options)
    this.code = code
    this.status = exchange.status
    this.method = exchange.method
    this.path = exchange.path
    this.requestId = exchange.requestId
    this.retryAfter = exchange.retryAfter
  }
}

export class BadRequest extends HarborError {
  override readonly name = 'BadRequest'
}
export class Unauthorized extends HarborError {
  override readonly name = 'Unauthorized'
}
export class Forbidden extends HarborError {
  override readonly name = 'Forbidden'
}
export class NotFound extends HarborError {
  override readonly name = 'NotFound'
}
export class MethodNotAllowed extends HarborError {
  override readonly name = 'MethodNotAllowed'
}
export class Conflict extends HarborError {
  override readonly name = 'Conflict'
}
export class PreconditionFailed extends HarborError {
  override readonly name = 'PreconditionFailed'
}
export class PayloadTooLarge extends HarborError {
  override readonly name = 'PayloadTooLarge'
}
export class UnprocessableEntity extends HarborError {
  override readonly name = 'UnprocessableEntity'
}
export class TooManyRequests extends HarborError {
  override readonly name = 'TooManyRequests'
}
export class InternalServerError extends HarborError {
  override readonly name = 'InternalServerError'
}
export class BadGateway extends HarborError {
  override readonly name = 'BadGateway'
}
export class ServiceUnavailable extends HarborError {
  override readonly name = 'ServiceUnavailable'
}
export class GatewayTimeout extends HarborError {
  override readonly name = 'GatewayTimeout'
}
/** No answer came: no connection, a cut one, a timeout, a certificate that isn't trusted. */
export class Unreachable extends HarborError {
  override readonly name = 'Unreachable'
}
/** An answer came that isn't Harbor's, or lacks what Harbor's answers have. */
export class UnexpectedAnswer extends HarborError {
  override readonly name = 'UnexpectedAnswer'
}

/** The code of an answer that ends before its JSON does. */
export const CUT_SHORT = 'CUT_SHORT'

type ErrorClass = new (
  code: string,
  message: string,
  exchange: Exchange,
  options?: ErrorOptions,
) => HarborError

const CLASSES: ReadonlyMap<number, ErrorClass> = new Map<number, ErrorClass>([
  [400, BadRequest],
  [401, Unauthorized],
  [403, Forbidden],
  [404, NotFound],
  [405, MethodNotAllowed],
  [409, Conflict],
  [412, PreconditionFailed],
  [413, PayloadTooLarge],
  [422, UnprocessableEntity],
  [429, TooManyRequests],
  [500, InternalServerError],
  [502, BadGateway],
  [503, ServiceUnavailable],
  [504, GatewayTimeout],
])

/** What a status means for anybody that is called `name`. */
const USUAL: ReadonlyMap<number, (name: string) => string> = new Map([
  [429, (name) => `something in front of ${name} limits requests; lower \`concurrency\``],
  [502, (name) => `a proxy in front of ${name} got no answer from it`],
  [503, (name) => `${name} or a proxy in front of it is not ready`],
  [504, (name) => `a proxy in front of ${name} gave up waiting for it; lower \`concurrency\``],
])

/** The error for an answer whose status says that the request failed, in the server's words where it has any. */
export function errorOf(exchange: Exchange, body: string, party: Party = HARBOR): HarborError {
  const { status, method, path } = exchange
  const Class = CLASSES.get(status) ?? UnexpectedAnswer
  const advice = USUAL.get(status)?.(party.name) ?? party.advice(status, method, path)
  const { code, message } = wordsOf(body, party.name)
  const words = [`answered ${status}`, code, message === '' ? '' : `(${message})`].filter(
    (word) => word !== '',
  )
  return new Class(code === '' ? `HTTP_${status}` : code, join(words.join(' '), advice), exchange)
}

function join(words: string, advice: string): string {
  return advice === '' ? words : `${words}; ${advice}`
}

const errorBody = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    errors: v.array(v.object({ code: v.nullish(v.string(), ''), message: v.nullish(v.string(), '') })),
  }),
)

/** Harbor's errors are `{"errors":[{"code","message"}]}`; what stands in front of it answers in HTML. */
function wordsOf(body: string, name: string): { readonly code: string; readonly message: string } {
  const parsed = v.safeParse(errorBody, body)
  const [first] = parsed.success ? parsed.output.errors : []
  if (first !== undefined) return { code: first.code, message: first.message.trim().slice(0, 300) }
  return { code: '', message: body.trimStart().startsWith('<') ? `an HTML page, not from ${name}` : '' }
}

/**
 * Whether a change may have been made although this was thrown for it. 429 is an answer of what stands before Harbor;
 * with 404 Harbor says that it did nothing.
 */
export function mayHaveActed(error: HarborError): boolean {
  const { status } = error
  return error instanceof Unreachable || status === 408 || status >= 500 || status < 300
}
