import { UnexpectedAnswer } from '../harbor/errors.ts'
import {
  PAGE_SIZE,
  type Details,
  type Harbor,
  type IdRange,
  type Listing,
  type Page,
} from '../harbor/harbor.ts'
import type { ArtifactAnswer } from '../harbor/schemas.ts'
import { forEachOf } from '../shared/concurrency.ts'
import { LONGEST_WALK } from './cost.ts'

/** Which artifacts are read, and what of each. */
export interface Source {
  readonly listing: Listing
  readonly details: Details
}

/** Takes a page's artifacts; every artifact of a listing comes once. */
export type Take = (artifacts: readonly ArtifactAnswer[]) => void

/**
 * Reads every artifact of a listing that is there from beginning to end of the reading, each once, also while others
 * are pushed and deleted: a page goes on from the last id of the one before, never from a count. A long listing is
 * read from both ends, and what lies between in windows of ids, side by side.
 *
 * @param width requests under way at most
 */
export async function readListing(
  harbor: Harbor,
  { listing, details }: Source,
  width: number,
  take: Take,
): Promise<void> {
  const read = async (range: IdRange, descending = false): Promise<Page<ArtifactAnswer>> => {
    let page = await harbor.artifacts(listing, details, range, descending)
    // Harbor counts before it selects: what was deleted between the two leaves a count of nothing.
    for (let again = 1; isHeldBack(page) && again <= 3; again += 1) {
      page = await harbor.artifacts(listing, details, range, descending)
    }
    checkPage(page, range, descending, listing)
    take(page.items)
    return page
  }
  const walkOn = async (page: Page<ArtifactAnswer>, { to }: IdRange): Promise<void> => {
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
function* windows({ from, to }: Required<IdRange>, artifacts: number): Generator<Required<IdRange>> {
  const ids = to - from + 1
  // Without gaps a window is a page. With gaps some windows hold more than the average, and a second request.
  const fill = artifacts === ids ? PAGE_SIZE : PAGE_SIZE * 0.8
  const width = Math.max(PAGE_SIZE, Math.floor((ids / artifacts) * fill))
  if (artifacts === 0) return
  for (let start = from; start <= to; start += width) {
    yield { from: start, to: Math.min(to, start + width - 1) }
  }
}

function rangeOf(from: number, to: number | undefined): IdRange {
  return to === undefined ? { from } : { from, to }
}

/** Whether the range that a page begins has more than the page; where Harbor doesn't say, until a page is empty. */
function isLonger({ items, total }: Page<ArtifactAnswer>): boolean {
  return total === undefined ? items.length > 0 : total > items.length
}

function lastId({ items }: Page<ArtifactAnswer>): number {
  return items.at(-1)?.id ?? 0
}

/**
 * Harbor ignores what it doesn't know in a query, so that a page could be of something else than was asked for.
 *
 * @throws UnexpectedAnswer when artifacts are out of the range or out of order, or some are held back
 */
function checkPage(page: Page<ArtifactAnswer>, range: IdRange, descending: boolean, listing: Listing): void {
  const { items, total = 0 } = page
  const name = 'project' in listing ? listing.project : listing.repository
  const exchange = { method: 'GET', path: `artifacts of ${name}`, status: 200 }
  let before = descending ? Number.POSITIVE_INFINITY : (range.from ?? 0) - 1
  for (const { id } of items) {
    const inOrder = descending
      ? id < before && id >= (range.from ?? 0)
      : id > before && id <= (range.to ?? id)
    if (!inOrder) {
      const message = `asked for ids ${range.from ?? 0} to ${range.to ?? 'the end'} in order, Harbor listed ${id} after ${before}`
      throw new UnexpectedAnswer('OTHER_LIST', message, exchange)
    }
    before = id
  }
  if (isHeldBack(page)) {
    throw new UnexpectedAnswer('SHORT_PAGE', `Harbor says that there are ${total}, and lists none`, exchange)
  }
}

function isHeldBack({ items, total = 0 }: Page<unknown>): boolean {
  return items.length === 0 && total > 0
}
