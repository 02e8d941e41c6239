import { UnexpectedAnswer } from '../harbor/errors.ts'
import { PAGE_SIZE, type IdRange, type Page } from '../harbor/harbor.ts'
import { forEachOf } from '../shared/concurrency.ts'
import { LONGEST_WALK } from './cost.ts'

/** A list of Harbor's whose entries have ids, and which can be asked for by them. */
export interface IdList<T> {
  /** For messages: `repositories of team-a`. */
  readonly name: string
  /** A page of the entries in a range, from its beginning or, descending, from its end. */
  readonly page: (range: IdRange, descending: boolean) => Promise<Page<T>>
  readonly idOf: (item: T) => number
}

/**
 * Reads every entry that is there from beginning to end of the reading, each once, also while others come and go: a
 * page goes on from the last id of the one before, never from a count. A long list is read from both ends, and what
 * lies between in windows of ids, side by side.
 *
 * @param width requests under way at most
 * @param take gets the entries, a page at a time
 */
export async function readById<T>(
  list: IdList<T>,
  width: number,
  take: (items: readonly T[]) => void,
): Promise<void> {
  const lastId = ({ items }: Page<T>): number => {
    const last = items.at(-1)
    return last === undefined ? 0 : list.idOf(last)
  }
  const read = async (range: IdRange, descending = false): Promise<Page<T>> => {
    let page = await list.page(range, descending)
    // Harbor counts before it selects: what was deleted between the two leaves a count of nothing.
    for (let again = 1; isHeldBack(page) && again <= 3; again += 1) page = await list.page(range, descending)
    checkPage(list, page, range, descending)
    take(page.items)
    return page
  }
  const walkOn = async (page: Page<T>, { to }: IdRange): Promise<void> => {
    for (let at = page; isLonger(at);) at = await read(rangeOf(lastId(at) + 1, to))
  }

  const first = await read({})
  if ((first.total ?? 0) <= LONGEST_WALK) {
    await walkOn(first, {})
    return
  }
  const from = lastId(first) + 1
  const last = await read({ from }, true)
  const between = (last.total ?? 0) - last.items.length
  await forEachOf(windows({ from, to: lastId(last) - 1 }, between), width, async (window) => {
    await walkOn(await read(window), window)
  })
}

/** Windows of ids that hold about a page each, if the ids are spread evenly. */
function* windows({ from, to }: Required<IdRange>, entries: number): Generator<Required<IdRange>> {
  if (entries === 0) return
  const ids = to - from + 1
  // Without gaps a window is a page. With gaps some windows hold more than the average, and a second request.
  const fill = entries === ids ? PAGE_SIZE : PAGE_SIZE * 0.8
  const width = Math.max(PAGE_SIZE, Math.floor((ids / entries) * fill))
  for (let start = from; start <= to; start += width) {
    yield { from: start, to: Math.min(to, start + width - 1) }
  }
}

function rangeOf(from: number, to: number | undefined): IdRange {
  return to === undefined ? { from } : { from, to }
}

/** Whether the range that a page begins has more than the page; where Harbor doesn't say, until a page is empty. */
function isLonger({ items, total }: Page<unknown>): boolean {
  return total === undefined ? items.length > 0 : total > items.length
}

function isHeldBack({ items, total = 0 }: Page<unknown>): boolean {
  return items.length === 0 && total > 0
}

/**
 * Harbor ignores what it doesn't know in a query, so that a page could be of something else than was asked for.
 *
 * @throws UnexpectedAnswer when entries are out of the range or out of order, or some are held back
 */
function checkPage<T>({ name, idOf }: IdList<T>, page: Page<T>, range: IdRange, descending: boolean): void {
  const { items, total = 0 } = page
  const exchange = { method: 'GET', path: name, status: 200 }
  let before = descending ? Number.POSITIVE_INFINITY : (range.from ?? 0) - 1
  for (const item of items) {
    const id = idOf(item)
    const inOrder = descending
      ? id < before && id >= (range.from ?? 0)
      : id > before && id <= (range.to ?? id)
    if (!inOrder) {
      const asked = `ids ${range.from ?? 0} to ${range.to ?? 'the end'}`
      throw new UnexpectedAnswer(
        'OTHER_LIST',
        `asked for ${asked} in order, Harbor listed ${id} after ${before}`,
        exchange,
      )
    }
    before = id
  }
  if (isHeldBack(page)) {
    throw new UnexpectedAnswer('SHORT_PAGE', `Harbor says that there are ${total}, and lists none`, exchange)
  }
}
