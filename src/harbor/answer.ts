import type { Exchange } from './errors.ts'

/** What came back for a request. */
export interface Answer {
  readonly exchange: Exchange
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer
}

/** A header that is there once; empty where it isn't. */
export function textOf(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' ? header : ''
}
