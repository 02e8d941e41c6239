// Harbor's query language for lists: `q=k=v,k=~v,k=[min~max],k={a b},k=(a b)`, and `sort=k,-k`.
import { type HarborError, badRequest } from '../state/error.ts'

export type Value = string | number

export type Condition =
  | { readonly kind: 'exact'; readonly value: string }
  | { readonly kind: 'fuzzy'; readonly value: string }
  | { readonly kind: 'range'; readonly min: Value | null; readonly max: Value | null }
  | { readonly kind: 'or'; readonly values: readonly Value[] }
  | { readonly kind: 'and'; readonly values: readonly Value[] }

export type Keywords = ReadonlyMap<string, Condition>

export interface Sort {
  readonly key: string
  readonly descending: boolean
}

export function parseQ(q: string | null): Keywords {
  const keywords = new Map<string, Condition>()
  if (q === null || q === '') return keywords
  for (const part of unescapeAgain(q).split(',')) {
    const equals = part.indexOf('=')
    const key = part.slice(0, equals)
    const value = part.slice(equals + 1)
    if (equals < 1 || value === '') {
      throw badRequest('the query string must contain "=" and the key/value cannot be empty')
    }
    keywords.set(key, parseValue(value))
  }
  return keywords
}

/** Harbor decodes the parameter once more than HTTP does. */
function unescapeAgain(q: string): string {
  try {
    return decodeURIComponent(q.replaceAll('+', ' '))
  } catch {
    return q
  }
}

function parseValue(value: string): Condition {
  const inner = value.slice(1, -1)
  switch (value.charAt(0)) {
    case '~':
      if (value.length < 2) throw invalid(value)
      return { kind: 'fuzzy', value: value.slice(1) }
    case '[':
      return parseRange(value)
    case '{':
      if (!value.endsWith('}')) throw invalid(value)
      return { kind: 'or', values: parseList(inner) }
    case '(':
      if (!value.endsWith(')')) throw invalid(value)
      return { kind: 'and', values: parseList(inner) }
    default:
      return { kind: 'exact', value: value.startsWith('\\') ? value.slice(1) : value }
  }
}

function parseRange(value: string): Condition {
  const bounds = value
    .slice(1, -1)
    .split('~')
    .map((bound) => bound.trim())
  const [min = '', max = ''] = bounds
  if (!value.endsWith(']') || bounds.length !== 2 || (min === '' && max === '')) throw invalid(value)
  return { kind: 'range', min: min === '' ? null : typed(min), max: max === '' ? null : typed(max) }
}

function invalid(value: string): HarborError {
  return badRequest(`invalid query string value: ${value}`)
}

function parseList(inner: string): Value[] {
  return inner
    .split(' ')
    .map((item) => typed(item.trim()))
    .filter((item) => item !== '')
}

function typed(text: string): Value {
  return /^-?\d+$/.test(text) ? Number(text) : text.replaceAll(/^["']+|["']+$/g, '')
}

export function parseSort(sort: string | null): Sort[] {
  if (sort === null || sort === '') return []
  return sort.split(',').map((key) => {
    return key.startsWith('-') ? { key: key.slice(1), descending: true } : { key, descending: false }
  })
}
