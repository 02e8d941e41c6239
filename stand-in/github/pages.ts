// Pages of a list (https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api). The links
// name the repository by its number, as octokit's recordings show (octokit/fixtures, paginate-issues).
import type { Reply } from '../http/reply.ts'
import { json } from './errors.ts'
import type { Asked } from './request.ts'

const DEFAULT_SIZE = 30
const MAX_SIZE = 100

export function paged<Row>(asked: Asked, rows: readonly Row[], show: (row: Row) => unknown): Reply {
  const size = Math.min(MAX_SIZE, positive(asked.query.get('per_page')) ?? DEFAULT_SIZE)
  const page = positive(asked.query.get('page')) ?? 1
  const last = Math.max(1, Math.ceil(rows.length / size))
  const links: string[] = []
  const link = (to: number, rel: string): void => {
    links.push(`<${addressOf(asked, to)}>; rel="${rel}"`)
  }
  if (page > 1) link(page - 1, 'prev')
  if (page < last) {
    link(page + 1, 'next')
    link(last, 'last')
  }
  if (page > 1) link(1, 'first')
  const shown = rows.slice((page - 1) * size, page * size).map((row) => show(row))
  return json(shown, 200, links.length === 0 ? {} : { link: links.join(', ') })
}

function addressOf({ api, path, query, repository }: Asked, page: number): string {
  const params = new URLSearchParams(query)
  params.set('page', String(page))
  const numbered = path.replace(
    /^\/(?:repos\/[^/]+\/[^/]+|repositories\/\d+)/,
    `/repositories/${repository.id}`,
  )
  return `${api}${numbered}?${params.toString()}`
}

function positive(text: string | null): number | undefined {
  const number = Number(text ?? '')
  return Number.isSafeInteger(number) && number > 0 ? number : undefined
}
