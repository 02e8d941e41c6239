/** The `code` of an error of Node's or of a library (`ENOENT`, `ECONNREFUSED`, …), also of one that it wraps. */
export function codeOf(error: unknown): string | undefined {
  let at = error
  // Errors can wrap each other.
  for (let depth = 0; depth < DEEPEST && isObject(at); depth += 1) {
    if (typeof at['code'] === 'string') return at['code']
    at = at['cause']
  }
  return undefined
}

const DEEPEST = 20

/** What an error says, in one line. */
export function messageOf(error: unknown): string {
  const message = isObject(error) && typeof error['message'] === 'string' ? error['message'] : String(error)
  return message.replaceAll(/\s+/g, ' ').trim()
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
