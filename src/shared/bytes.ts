const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
}

/** A size as people write it, to be part of a larger expression: a number and a unit. */
export const SIZE = String.raw`(\d{1,12}(?:\.\d{1,3})?) ?(${Object.keys(UNITS).join('|')})`

const ONLY_SIZE = new RegExp(`^${SIZE}$`)

/**
 * Reads a size such as `500MiB`, `2GB` or `1.5 GiB`.
 *
 * @returns bytes, or undefined when the text isn't a size
 */
export function parseBytes(text: string): number | undefined {
  const [, count, unit] = ONLY_SIZE.exec(text) ?? []
  const size = UNITS[unit ?? '']
  return count === undefined || size === undefined ? undefined : Math.round(Number(count) * size)
}

/** Writes bytes for people with three significant digits: `0 B`, `812 B`, `6.15 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  let value = bytes / 1024
  for (const unit of ['KiB', 'MiB', 'GiB']) {
    // From here on it would be rounded to the next unit.
    if (value < 1023.5) return `${significant(value)} ${unit}`
    value /= 1024
  }
  return `${significant(value)} TiB`
}

function significant(value: number): string {
  if (value >= 99.95) return value.toFixed(0)
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2)
}
