/** The `code` of an error of Node's or of a library (`ENOENT`, `ECONNREFUSED`, …), also of one that it wraps. */
export function codeOf(error: unknown): string | undefined {
  if (!isObject(error)) return undefined
  if (typeof error['code'] === 'string') return error['code']
  return codeOf(error['cause'])
}

/** What an error says, in one line. */
export function messageOf(error: unknown): string {
  const message = isObject(error) && typeof error['message'] === 'string' ? error['message'] : String(error)
  return message.replaceAll(/\s+/g, ' ').trim()
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
