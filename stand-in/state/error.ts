// Harbor's errors: a code, from which the HTTP status follows, and a message.
const STATUS = {
  BAD_REQUEST: 400,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 400,
  MANIFEST_INVALID: 400,
  NAME_INVALID: 400,
  UNSUPPORTED: 400,
  UNAUTHORIZED: 401,
  DENIED: 403,
  FORBIDDEN: 403,
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_UNKNOWN: 404,
  MANIFEST_UNKNOWN: 404,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  PRECONDITION: 412,
  VIOLATE_FOREIGN_KEY_CONSTRAINT: 412,
  BLOB_UPLOAD_INVALID: 416,
  UNPROCESSABLE_ENTITY: 422,
  TOO_MANY_REQUEST: 429,
  UNKNOWN: 500,
} as const

export type ErrorCode = keyof typeof STATUS

export class HarborError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** One error for each: only the registry behind Harbor answers so. */
  readonly details: readonly unknown[] | undefined

  constructor(
    code: ErrorCode,
    message: string,
    more: { headers?: Readonly<Record<string, string>>; details?: readonly unknown[] } = {},
  ) {
    super(message)
    this.code = code
    this.status = STATUS[code]
    this.headers = more.headers ?? {}
    this.details = more.details
  }
}

export const notFound = (message: string): HarborError => new HarborError('NOT_FOUND', message)
export const badRequest = (message: string): HarborError => new HarborError('BAD_REQUEST', message)
export const unprocessable = (reason: string): HarborError =>
  new HarborError('UNPROCESSABLE_ENTITY', `validation failure list:\n${reason}`)
export const internal = (): HarborError => new HarborError('UNKNOWN', 'internal server error')
export const precondition = (message: string): HarborError => new HarborError('PRECONDITION', message)
