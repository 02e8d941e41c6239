import { foldBlock, marked, noticeBlock } from './blocks.ts'
import type { EditSection } from './edit.ts'
import { byteLength, markdownText } from './escape.ts'
import { BETWEEN, share, takeInTurn } from './room.ts'
import type { Mark } from './table.ts'
import { grouped } from './words.ts'

/** A table of so many rows is unfolded, as long as all that are don't have more together. */
const OPEN_ROWS = { table: 10, all: 20 }
/** More tables than this say no more; the last of them are counted. */
const MOST_TABLES = 40

/** How much more a row matters than one of what goes for another reason. */
const WEIGHTS: Readonly<Record<Mark, number>> = { lost: 4, endangered: 4, saved: 2, copied: 1, otherwise: 1 }

/** How much of an edit is shown. */
export interface EditExtent {
  /** Bytes at most. */
  readonly room: number
  readonly elsewhere?: string | undefined
}

/** What an edit comes to, in a line, and what follows from it. */
export function editHead({ title, parts, facts, notices }: EditSection, heading = '###'): readonly string[] {
  const words = parts.map(({ mark, words: said }) => marked(mark, markdownText(said)))
  return [
    `${heading} ${markdownText(title)}${words.length === 0 ? '' : `: ${words.join(', ')}`}`,
    ...facts.map((fact) => markdownText(fact)),
    ...notices.map((notice) => noticeBlock(notice, 'WARNING')),
  ]
}

/** What an edit changes, rule by rule. */
export function editTables({ tables }: EditSection, { room, elsewhere }: EditExtent): readonly string[] {
  const shown = tables.slice(0, MOST_TABLES)
  const others = tables.length - shown.length
  const rest = others === 0 ? '' : `… and by ${grouped(others)} more rules.`
  let open = 0
  const blocks = share(
    room - byteLength(rest) - BETWEEN,
    shown.map((table) => {
      const isOpen = table.count <= OPEN_ROWS.table && open + table.count <= OPEN_ROWS.all
      if (isOpen) open += table.count
      return {
        make: (left: number) => foldBlock(table, { room: left, elsewhere }, isOpen),
        size: table.count,
        weight: WEIGHTS[table.mark ?? 'otherwise'],
      }
    }),
  )
  return [...blocks, rest].filter((block) => block !== '')
}

/** All that is said of an edit, in so many bytes. */
export function editBlocks(section: EditSection, extent: EditExtent): readonly string[] {
  const head = takeInTurn(
    extent.room,
    editHead(section).map((block) => () => block),
  )
  const room = extent.room - byteLength(head.join('\n\n')) - BETWEEN
  return [...head, ...editTables(section, { ...extent, room })]
}
