// GitHub's refusals: a status, words, and where they are documented
// (https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api; bodies as in issues that quote them).
import type { Reply } from '../http/reply.ts'

export class Refusal extends Error {
  readonly status: number
  readonly errors: readonly Detail[] | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    message: string,
    more: { readonly errors?: readonly Detail[]; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message)
    this.status = status
    this.errors = more.errors
    this.headers = more.headers ?? {}
  }
}

export interface Detail {
  readonly resource: string
  readonly code: string
  readonly field: string
  readonly message?: string
}

export const notFound = (): Refusal => new Refusal(404, 'Not Found')

export function refusalReply({ status, message, errors, headers }: Refusal): Reply {
  const body = {
    message,
    ...(errors === undefined ? {} : { errors }),
    documentation_url: 'https://docs.github.com/rest',
    status: String(status),
  }
  return { status, headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(body) }
}

export const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' }

export function json(value: unknown, status = 200, headers: Reply['headers'] = {}): Reply {
  return { status, headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(value) }
}
