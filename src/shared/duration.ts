/** A length of time in milliseconds. */
export type Duration = number

const UNITS: Readonly<Record<string, Duration>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/**
 * Reads `90m`, `36h`, `14d` or `6w`. There are no months and years: their length depends on when one counts.
 *
 * @returns the duration, or undefined when the text isn't one
 */
export function parseDuration(text: string): Duration | undefined {
  const [, count, unit] = /^(\d{1,6})([mhdw])$/.exec(text) ?? []
  const length = UNITS[unit ?? '']
  return count === undefined || length === undefined ? undefined : Number(count) * length
}

/** Writes a duration for people in its largest fitting unit, rounded down: `41d`, `7h`, `0m`. */
export function formatDuration(duration: Duration): string {
  const sign = duration < 0 ? '-' : ''
  const length = Math.abs(duration)
  for (const unit of ['d', 'h'] as const) {
    const size = UNITS[unit] ?? 1
    if (length >= 2 * size || (length >= size && length % size === 0)) {
      return `${sign}${Math.floor(length / size)}${unit}`
    }
  }
  return `${sign}${Math.floor(length / 60_000)}m`
}
