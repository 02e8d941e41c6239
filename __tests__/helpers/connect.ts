// The client, against whatever is at an address, with hardly a pause between tries.
import process from 'node:process'
import { proxiesOf } from '../../src/commands/connection.ts'
import { connect, type ConnectionOptions } from '../../src/harbor/dispatcher.ts'
import type { HarborError } from '../../src/harbor/errors.ts'
import { Harbor } from '../../src/harbor/harbor.ts'
import { Http, type Credentials } from '../../src/harbor/http.ts'
import type { RetryPolicy } from '../../src/harbor/retry.ts'

export const ADMIN: Credentials = { username: 'admin', password: 'Harbor12345' }
export const FAST: RetryPolicy = { attempts: 3, pause: 1, longest: 20 }

export interface Client {
  readonly harbor: Harbor
  readonly http: Http
  /** What was tried again, and after which pause. */
  readonly retries: { readonly error: HarborError; readonly pause: number }[]
  readonly close: () => Promise<void>
}

export interface ClientOptions extends Partial<ConnectionOptions> {
  readonly credentials?: Credentials
  readonly retry?: RetryPolicy
}

export function clientOf(url: string, options: ClientOptions = {}): Client {
  const { credentials = ADMIN, retry = FAST, concurrency = 4, ...tls } = options
  const dispatcher = connect({ concurrency, proxies: proxiesOf(process.env), ...tls })
  const retries: { error: HarborError; pause: number }[] = []
  const http = new Http({
    url,
    credentials,
    userAgent: 'harbor-dredge/test',
    retry,
    dispatcher,
    onRetry: (error, pause) => retries.push({ error, pause }),
  })
  return { harbor: new Harbor(http), http, retries, close: () => dispatcher.close() }
}
