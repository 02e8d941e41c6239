// A list of the API: filtered, sorted, counted and cut into pages, all by the request's parameters.
import { type Exchange } from '../http/exchange.ts'
import { pageHeaders, pageOf, slice } from '../http/page.ts'
import { type Reply, json } from '../http/reply.ts'
import { type Columns, type Order, order, predicates } from './columns.ts'
import { parseQ, parseSort } from './q.ts'

export interface List<Row> {
  readonly rows: Iterable<Row>
  readonly columns: Columns<Row>
  readonly order: Order<Row>
  readonly show: (row: Row) => unknown
}

export function list<Row>(exchange: Exchange, { rows, columns, order: otherwise, show }: List<Row>): Reply {
  const page = pageOf(exchange)
  const filters = predicates(columns, parseQ(exchange.query.get('q')))
  const selected = [...rows].filter((row) => filters.every((matches) => matches(row)))
  selected.sort(order(columns, parseSort(exchange.query.get('sort')), otherwise))
  const shown = slice(selected, page)
  exchange.work.selected = selected.length
  exchange.work.returned = shown.length
  return json(shown.map(show), pageHeaders(exchange, page, selected.length))
}
