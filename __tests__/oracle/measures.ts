// "Durations `90m 36h 14d 6w` and no months; sizes `500MiB 2GB`."

const MILLISECONDS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 60 * 60_000,
  d: 24 * 60 * 60_000,
  w: 7 * 24 * 60 * 60_000,
}

const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  TB: 1000 ** 4,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
}

/** A written duration in milliseconds. */
export function milliseconds(duration: string): number {
  return measure(duration, MILLISECONDS)
}

/** Whether so many bytes are what a written bound (`>500MiB`) asks for. */
export function withinSize(bytes: number, bound: string): boolean {
  const [, operator, size = ''] = /^(>=|<=|>|<)\s*(.*)$/.exec(bound) ?? []
  const limit = measure(size, BYTES)
  if (operator === '>') return bytes > limit
  if (operator === '>=') return bytes >= limit
  if (operator === '<') return bytes < limit
  if (operator === '<=') return bytes <= limit
  throw new Error(`no bound of a size: ${bound}`)
}

function measure(text: string, units: Readonly<Record<string, number>>): number {
  const [, amount = '', unit = ''] = /^(\d+)\s*([A-Za-z]+)$/.exec(text) ?? []
  const factor = units[unit]
  if (factor === undefined) throw new Error(`no measure: ${text}`)
  return Number(amount) * factor
}
