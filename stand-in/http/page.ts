// Pages of a list: which rows, and the X-Total-Count and Link headers that go with them.
import { unprocessable } from '../state/error.ts'
import type { Exchange } from './exchange.ts'

const DEFAULT_SIZE = 10
const MAX_SIZE = 100

export interface Page {
  readonly number: number
  readonly size: number
}

export function pageOf(exchange: Exchange): Page {
  const number = integer(exchange, 'page', 1)
  const size = integer(exchange, 'page_size', DEFAULT_SIZE)
  if (size > MAX_SIZE) throw unprocessable(`page_size in query should be less than or equal to ${MAX_SIZE}`)
  return { number, size }
}

function integer({ query }: Exchange, name: string, otherwise: number): number {
  const value = query.get(name)
  if (value === null || value === '') return otherwise
  if (/^[+-]?\d+$/.test(value) && BigInt.asIntN(64, BigInt(value)) === BigInt(value)) return Number(value)
  throw unprocessable(`${name} in query must be of type int64: ${JSON.stringify(value)}`)
}

/** A size of 0 or less is no limit, a page of 0 or less the first one (recordings 014, 015; recordings-2, 025). */
export function slice<Row>(rows: readonly Row[], { number, size }: Page): readonly Row[] {
  if (size <= 0) return rows
  const start = number > 0 ? (number - 1) * size : 0
  return rows.slice(start, start + size)
}

export function pageHeaders(
  exchange: Exchange,
  { number, size }: Page,
  total: number,
): Record<string, string> {
  const links: string[] = []
  const link = (page: number, rel: string): string => `<${pageUrl(exchange, page, size)}>; rel="${rel}"`
  if (size !== 0 && number > 1 && (number - 1) * size < total) links.push(link(number - 1, 'prev'))
  if (size !== 0 && number * size < total) links.push(link(number + 1, 'next'))
  const headers: Record<string, string> = { 'x-total-count': String(total) }
  if (links.length > 0) headers['link'] = links.join(' , ')
  return headers
}

/** Harbor's links have the parameters sorted, and not encoded (recording 039). */
function pageUrl({ path, query }: Exchange, page: number, size: number): string {
  const params = new URLSearchParams(query)
  params.set('page', String(page))
  params.set('page_size', String(size))
  params.sort()
  const text = [...params].map(([key, value]) => `${key}=${value}`).join('&')
  return `${path}?${text}`
}
