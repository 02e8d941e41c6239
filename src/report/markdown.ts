import { foldBlock, footerBlock, noticeBlock, problemsBlock, sectionBlock } from './blocks.ts'
import type { Content } from './content.ts'
import { editBlocks } from './edit-markdown.ts'
import { byteLength, markdownText } from './escape.ts'
import { takeInTurn } from './room.ts'

/** GitHub drops a job summary over 1 MiB whole; some room is left for what else the step may write. */
export const SUMMARY_BYTES = 1_000_000

const ROWS_IN_OVERVIEW = 200
/** What each table of the overview gets of the room that is left; less than half, so that the lists have some. */
const OVERVIEW_SHARE = 0.3
/** Of what room is left, the share of each list in turn: what goes matters most. */
const LIST_SHARES = [0.7, 0.6, 1]
/** What is in the way gets of everything. */
export const PROBLEMS_SHARE = 0.2
/** What an edit changes gets of the room, for as much as it needs. */
const EDIT_SHARE = 0.7

/**
 * Renders a report as GitHub-flavoured Markdown. What doesn't fit is left out by whole rows, and counted.
 *
 * @param budget bytes at most
 */
export function renderMarkdown(content: Content, budget = SUMMARY_BYTES): string {
  const title = `## ${markdownText(content.title)}`
  const head = [
    ...(content.edit === undefined ? [] : ['### The whole plan']),
    `**${markdownText(content.verdict)}**`,
    ...content.facts.map((fact) => markdownText(fact)),
    problemsBlock(content.problemsTitle, content.problems, budget * PROBLEMS_SHARE),
  ].filter((block) => block !== '')
  const foot = footerBlock(content.footer)
  const room = budget - byteLength([title, ...head, foot].join('\n\n'))
  const edit =
    content.edit === undefined
      ? []
      : editBlocks(content.edit, { room: room * EDIT_SHARE, elsewhere: content.elsewhere })
  const body = bodyBlocks(content, room - byteLength(edit.join('\n\n')) - 2)
  return [title, ...edit, ...head, ...body, foot].join('\n\n')
}

/** The notices and tables of a report, in so many bytes, two for each line between them included. */
export function bodyBlocks(content: Content, room: number): readonly string[] {
  const { elsewhere } = content
  return takeInTurn(room, [
    ...content.notices.map((notice) => () => noticeBlock(notice)),
    ...content.overview.map(
      (table) => (left: number) =>
        sectionBlock(table, { room: left * OVERVIEW_SHARE, most: ROWS_IN_OVERVIEW, elsewhere }),
    ),
    ...content.lists.map(
      (table, index) => (left: number) =>
        foldBlock(table, { room: left * (LIST_SHARES[index] ?? 1), elsewhere }),
    ),
  ])
}
