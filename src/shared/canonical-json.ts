import { compareText } from './order.ts'

/** What JSON can say. Fields that are undefined are left out, as JSON.stringify does. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined }

/**
 * Serialises a value by the JSON Canonicalization Scheme (RFC 8785): members sorted by UTF-16 code units, no
 * whitespace, numbers and strings as ECMAScript writes them.
 *
 * @throws RangeError for what can't be said: a number that is none, or half of a surrogate pair
 */
export function canonicalJson(value: Json): string {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new RangeError(`not a JSON number: ${value}`)
  }
  if (typeof value === 'string' && !value.isWellFormed()) {
    throw new RangeError(`not Unicode text: ${JSON.stringify(value)}`)
  }
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (isList(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`
  const members: string[] = []
  for (const key of Object.keys(value).toSorted(compareText)) {
    const member = value[key]
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`)
  }
  return `{${members.join(',')}}`
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
