import type { ServerResponse } from 'node:http'

/** An answer of the gateway's own that says no, as the distribution specification has errors. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

export const REGISTRY = { 'docker-distribution-api-version': 'registry/2.0' }

/** Says no. If the answer has begun already, the connection is cut: what was sent mustn't pass for all of it. */
export function refuse(response: ServerResponse, { status, code, message, headers = {} }: Refusal): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const body = `${JSON.stringify({ errors: [{ code, message }] })}\n`
  response.writeHead(status, {
    ...REGISTRY,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  })
  response.end(body)
}
