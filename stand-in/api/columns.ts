// The columns of a list by which it can be filtered and sorted; keys that are none are ignored, as Harbor does.
import { internal } from '../state/error.ts'
import type { Condition, Keywords, Sort, Value } from './q.ts'

export interface Column<Row> {
  readonly name: string
  /** By which other names Harbor knows it: those of its own fields. */
  readonly alias?: string
  readonly value: (row: Row) => Value
  /** Of its database's column, which refuses values that it can't read; texts unless told otherwise. */
  readonly type?: ColumnType
}

export type ColumnType = 'integer' | 'bigint' | 'time'

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
    const column = table.get(key) ?? table.get(snakeCase(key))
    if (column !== undefined && condition.kind !== 'and') result.push(predicate(column, condition))
  }
  return result
}

/** `PushTime` and `pushTime` are `push_time`, `Id` is `id`. */
function snakeCase(key: string): string {
  return key.replaceAll(/(?<=[a-z])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])/g, '_').toLowerCase()
}

function predicate<Row>(column: Column<Row>, condition: Exclude<Condition, { kind: 'and' }>): Predicate<Row> {
  const { value } = column
  switch (condition.kind) {
    case 'exact': {
      const wanted = read(column, condition.value)
      return (row) => value(row) === wanted
    }
    case 'fuzzy': {
      const part = condition.value.toLowerCase()
      const text = column.type === 'time' ? databaseTime : String
      return (row) => text(value(row)).toLowerCase().includes(part)
    }
    case 'range': {
      const min = condition.min === null ? null : read(column, condition.min)
      const max = condition.max === null ? null : read(column, condition.max)
      return (row) => {
        const found = value(row)
        return (min === null || compare(found, min) >= 0) && (max === null || compare(found, max) <= 0)
      }
    }
    case 'or': {
      const wanted = new Set(condition.values.map((one) => read(column, one)))
      return (row) => wanted.has(value(row))
    }
  }
}

const LIMITS = { integer: 2n ** 31n, bigint: 2n ** 63n } as const

/** @throws an internal error, as Harbor's API is surprised by what its database says to such a value */
export function read({ type }: Pick<Column<never>, 'type'>, bound: Value): Value {
  if (type === undefined) return String(bound)
  if (type === 'time') return readTime(String(bound))
  const text = String(bound)
  if (!/^[+-]?\d+$/.test(text)) throw internal()
  const number = BigInt(text)
  if (number >= LIMITS[type] || number < -LIMITS[type]) throw internal()
  return Number(number)
}

/** `2026-04-01`, `2026-04-01 00:00:00` and `2026-04-01T00:00:00Z`: the same, in UTC. */
function readTime(text: string): number {
  const [, date, time = '00:00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?(Z|[+-]\d\d:?\d\d)?$/.exec(text) ?? []
  const instant = date === undefined ? NaN : Date.parse(`${date}T${time}${zone}`)
  if (Number.isNaN(instant)) throw internal()
  return instant
}

function databaseTime(value: Value): string {
  return new Date(value).toISOString().replace('T', ' ').replace('Z', '')
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
  if (a === b) return 0
  return a < b ? -1 : 1
}
