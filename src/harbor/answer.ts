import type { Exchange } from './errors.ts'

/** What came back for a request. */
export interface Answer {
  readonly exchange: Exchange
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer
  /** In place of the body, where it was asked for as a stream. */
  readonly coming?: Coming
}

/** A body that is still to be read. */
export interface Coming {
  /** To be read once; throws Unreachable where it breaks off. */
  readonly chunks: AsyncIterable<Buffer>
  /** For one that isn't read. */
  readonly drop: () => void
}

/** A header that is there once; empty where it isn't. */
export function textOf(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' ? header : ''
}
