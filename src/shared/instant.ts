/** A moment, in milliseconds since 1970-01-01T00:00:00Z. The deciding folders get theirs passed in. */
export type Instant = number

const ISO = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/

/**
 * Reads an ISO 8601 instant. A date alone means its first moment in UTC; a time without an offset is refused, since
 * it would mean something else on each machine.
 *
 * @returns the instant, or undefined when the text isn't one
 */
export function parseInstant(text: string): Instant | undefined {
  if (!ISO.test(text)) return undefined
  const instant = Date.parse(text)
  if (Number.isNaN(instant)) return undefined
  // Date.parse lets 2026-02-30 slip into March.
  const day = Number(text.slice(8, 10))
  return new Date(Date.parse(`${text.slice(0, 10)}T00:00:00Z`)).getUTCDate() === day ? instant : undefined
}

/** Writes an instant as ISO 8601 in UTC with milliseconds, as Harbor does. */
export function formatInstant(instant: Instant): string {
  return new Date(instant).toISOString()
}

/** Writes an instant for people, to the minute: `2026-11-21 08:56 UTC`. */
export function formatMinute(instant: Instant): string {
  return `${formatInstant(instant).slice(0, 16).replace('T', ' ')} UTC`
}
