// When a cron expression of Harbor's comes due next: six fields, seconds first, in UTC.
const RANGES = [
  [0, 59],
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
] as const
const MINUTE = 60_000
const MINUTES_A_YEAR = 366 * 24 * 60

export function nextTime(cron: string, after: number): number | undefined {
  const fields = cron.trim().split(/\s+/)
  if (fields.length !== RANGES.length) return undefined
  const sets = fields.map((field, index) => valuesOf(field, RANGES[index] ?? [0, 0]))
  let time = Math.floor(after / MINUTE) * MINUTE
  for (let minute = 0; minute < MINUTES_A_YEAR; minute += 1) {
    time += MINUTE
    const at = new Date(time)
    const parts = [
      at.getUTCMinutes(),
      at.getUTCHours(),
      at.getUTCDate(),
      at.getUTCMonth() + 1,
      at.getUTCDay(),
    ]
    if (parts.every((part, index) => sets[index + 1]?.has(part) === true)) {
      return time + Math.min(...(sets[0] ?? [0])) * 1000
    }
  }
  return undefined
}

function valuesOf(field: string, [low, high]: readonly [number, number]): Set<number> {
  const values = new Set<number>()
  for (const part of field.split(',')) {
    const [range = '*', step = '1'] = part.split('/')
    const [from = low, to = from] =
      range === '*' || range === '?' ? [low, high] : range.split('-').map(Number)
    for (let value = from; value <= to; value += Number(step)) values.add(value)
  }
  return values
}
