// A list of the API: filtered, sorted, counted and cut into pages, all by the request's parameters.
import type { Exchange } from '../http/exchange.ts'
import { pageHeaders, pageOf, slice } from '../http/page.ts'
import { type Reply, json } from '../http/reply.ts'
import type { ListWork } from '../http/work.ts'
import { type Columns, type Order, order, predicates } from './columns.ts'
import { parseQ, parseSort } from './q.ts'

export interface List<Row> {
  readonly rows: Iterable<Row>
  readonly columns: Columns<Row>
  readonly order: Order<Row>
  readonly show: (row: Row) => unknown
  /** For the cost model. */
  readonly of?: ListWork['of']
}

export function list<Row>(exchange: Exchange, wanted: List<Row>): Reply {
  const { rows, columns, order: otherwise, show, of = 'others' } = wanted
  const page = pageOf(exchange)
  const filters = predicates(columns, parseQ(exchange.query.get('q')))
  const selected = [...rows].filter((row) => filters.every((matches) => matches(row)))
  selected.sort(order(columns, parseSort(exchange.query.get('sort')), otherwise))
  const shown = slice(selected, page)
  exchange.work.list = { of, returned: shown.length }
  return json(shown.map(show), pageHeaders(exchange, page, selected.length))
}
