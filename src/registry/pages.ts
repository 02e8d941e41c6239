import type { Answer } from '../harbor/answer.ts'
import { UnexpectedAnswer } from '../harbor/errors.ts'
import type { Call, Client } from './client.ts'
import { nextOf } from './link.ts'

type Page = Pick<Call, 'path' | 'query'>

/** A million tags, of registries that give a hundred at a time. */
const MOST_PAGES = 10_000

/**
 * Reads a list page by page, as each says where it goes on.
 *
 * @param take takes what a page has, and may say where the list goes on where the page doesn't
 * @throws UnexpectedAnswer for one that goes round in circles, or on and on: its end was never seen
 */
export async function readPages(
  client: Client,
  { scopes, ...first }: Pick<Call, 'path' | 'query' | 'scopes'>,
  take: (answer: Answer) => Page | undefined,
): Promise<void> {
  const seen = new Set<string>()
  let page: Page | undefined = first
  while (page !== undefined) {
    const here: Page = page
    const { path, query = '' } = here
    const why = seen.has(path + query) ? CIRCLE : seen.size >= MOST_PAGES ? ENDLESS : ''
    if (why !== '') {
      throw new UnexpectedAnswer('CIRCLE', why, { method: 'GET', path: client.origin + path, status: 200 })
    }
    seen.add(path + query)
    page = await client.ask({ method: 'GET', path, query, scopes }, (answer) => {
      const other = take(answer)
      return nextOf(answer, here, client.origin) ?? other
    })
  }
}

const CIRCLE = 'the list goes round in circles: its next page (Link) is one that was read already'
const ENDLESS = `the list has no end: after ${MOST_PAGES} pages there is one more (Link)`
