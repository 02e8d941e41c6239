// The columns of a list by which it can be filtered and sorted; keys that are none are ignored, as Harbor does.
import type { Condition, Keywords, Sort, Value } from './q.ts'

export interface Column<Row> {
  readonly name: string
  /** By which other names Harbor knows it: those of its own fields. */
  readonly alias?: string
  readonly value: (row: Row) => Value
  /** Times are compared by the instant that the text means; Harbor reads them as UTC. */
  readonly isTime?: boolean
}

export type Columns<Row> = ReadonlyMap<string, Column<Row>>

export function columns<Row>(...all: Column<Row>[]): Columns<Row> {
  const byName = new Map<string, Column<Row>>()
  for (const column of all) {
    byName.set(column.name, column)
    if (column.alias !== undefined) byName.set(column.alias, column)
  }
  return byName
}

export type Predicate<Row> = (row: Row) => boolean

export function predicates<Row>(table: Columns<Row>, keywords: Keywords): Predicate<Row>[] {
  const result: Predicate<Row>[] = []
  for (const [key, condition] of keywords) {
    const column = table.get(key)
    if (column !== undefined && condition.kind !== 'and') result.push(predicate(column, condition))
  }
  return result
}

function predicate<Row>(column: Column<Row>, condition: Exclude<Condition, { kind: 'and' }>): Predicate<Row> {
  const { value } = column
  const read = (bound: Value): Value => (column.isTime === true ? parseTime(bound) : bound)
  switch (condition.kind) {
    case 'exact': {
      const wanted = read(condition.value)
      return (row) => compare(value(row), wanted) === 0
    }
    case 'fuzzy': {
      const part = condition.value.toLowerCase()
      return (row) => String(value(row)).toLowerCase().includes(part)
    }
    case 'range': {
      const min = condition.min === null ? null : read(condition.min)
      const max = condition.max === null ? null : read(condition.max)
      return (row) => {
        const found = value(row)
        return (min === null || compare(found, min) >= 0) && (max === null || compare(found, max) <= 0)
      }
    }
    case 'or': {
      const wanted = new Set(condition.values.map((one) => String(read(one))))
      return (row) => wanted.has(String(value(row)))
    }
  }
}

/** `2026-04-01 00:00:00` and `2026-04-01T00:00:00` alike. */
function parseTime(bound: Value): number {
  const text = String(bound).replace(' ', 'T')
  return Date.parse(/Z|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`)
}

export type Order<Row> = (a: Row, b: Row) => number

/** By what was asked for, as far as there are such columns, else by the list's own order. */
export function order<Row>(table: Columns<Row>, sorts: readonly Sort[], otherwise: Order<Row>): Order<Row> {
  const orders = sorts.flatMap(({ key, descending }): Order<Row>[] => {
    const column = table.get(key)
    if (column === undefined) return []
    const { value } = column
    return [(a, b) => (descending ? compare(value(b), value(a)) : compare(value(a), value(b)))]
  })
  if (orders.length === 0) return otherwise
  return (a, b) => {
    for (const one of orders) {
      const result = one(a, b)
      if (result !== 0) return result
    }
    return 0
  }
}

function compare(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'string') return a - Number(b)
  if (typeof a === 'string' && typeof b === 'number') return Number(a) - b
  if (a === b) return 0
  return a < b ? -1 : 1
}
