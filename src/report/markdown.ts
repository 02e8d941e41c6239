import type { Content } from './content.ts'
import { byteLength, codeCell, codeSpan, markdownText } from './escape.ts'
import type { Cell, Column, Table } from './table.ts'

/** GitHub drops a job summary over 1 MiB whole; some room is left for what else the step may write. */
export const SUMMARY_BYTES = 1_000_000

const ROWS_IN_OVERVIEW = 200
/** What each table of the overview gets of the room that is left; less than half, so that the lists have some. */
const OVERVIEW_SHARE = 0.3
/** For titles, heads of tables, and what is said of rows that are left out. */
const FRAME = 2000
/** Of what room is left, the share of each list in turn: what goes matters most. */
const SHARES = [0.7, 0.6, 1]

/**
 * Renders a report as GitHub-flavoured Markdown. What doesn't fit is left out by whole rows, and counted.
 *
 * @param budget bytes at most
 */
export function renderMarkdown(content: Content, budget = SUMMARY_BYTES): string {
  const head = [
    `## ${markdownText(content.title)}`,
    `**${markdownText(content.verdict)}**`,
    ...content.facts.map((fact) => markdownText(fact)),
    ...problemsBlock(content),
    ...content.notices.map(({ words, names }) => `> [!NOTE]\n> ${markdownText(words)} ${shortened(names)}`),
  ].join('\n\n')
  const foot = `<sub>${content.footer.map(([name, value]) => `${name} ${codeSpan(value)}`).join(' · ')}</sub>\n`
  const more = content.elsewhere === undefined ? '' : `, ${content.elsewhere}`
  let room = budget - byteLength(head) - byteLength(foot) - FRAME
  const overview = content.overview.map((table) => {
    const section = `### ${table.title}\n\n${renderTable(table, more, { most: ROWS_IN_OVERVIEW, room: room * OVERVIEW_SHARE })}`
    room -= byteLength(section)
    return section
  })
  const lists = content.lists.map((table, index) => {
    const list = fold(table, more, room * (SHARES[index] ?? 1))
    room -= byteLength(list)
    return list
  })
  return [head, ...overview, ...lists, foot].join('\n\n')
}

function problemsBlock({ problemsTitle, problems }: Content): readonly string[] {
  if (problems.length === 0) return []
  const shown = problems.slice(0, 20).map((problem) => `> - ${markdownText(problem)}`)
  const more = problems.length > 20 ? [`> - … and ${problems.length - 20} more`] : []
  return [['> [!CAUTION]', `> **${problemsTitle}**`, ...shown, ...more].join('\n')]
}

function shortened(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => codeSpan(name))
  return `${shown.join(', ')}${names.length > 20 ? ` and ${names.length - 20} more` : ''}`
}

/** A list behind a fold. GitHub needs the blank lines to see Markdown inside HTML. */
function fold(table: Table, more: string, room: number): string {
  const title = `${table.title}: ${table.count.toLocaleString('en-US')}`
  return `<details><summary>${title}</summary>\n\n${renderTable(table, more, { most: Number.POSITIVE_INFINITY, room })}\n\n</details>`
}

/** @param more what is said behind the count of rows that are left out */
function renderTable(
  { columns, rows, count }: Table,
  more: string,
  { most, room }: { readonly most: number; readonly room: number },
): string {
  const lines = [
    `| ${columns.map(({ name }) => name).join(' | ')} |`,
    `| ${columns.map(({ align }) => (align === 'right' ? '--:' : '---')).join(' | ')} |`,
  ]
  let left = room
  for (const row of rows) {
    const line = `| ${row.map((cell, index) => renderCell(cell, columns[index])).join(' | ')} |`
    left -= byteLength(line) + 1
    if (lines.length - 2 >= most || left < 0) break
    lines.push(line)
  }
  const shown = lines.length - 2
  if (shown < count) {
    lines.push('', `… and ${(count - shown).toLocaleString('en-US')} more${more}.`)
  }
  return lines.join('\n')
}

/** Numbers stay in one line with their unit. */
function renderCell(cell: Cell, column?: Column): string {
  if ('text' in cell) {
    const words = markdownText(cell.text)
    return column?.align === 'right' ? words.replaceAll(' ', '\u00A0') : words
  }
  if ('code' in cell) return codeCell(cell.code)
  return cell.codes.map((code) => codeCell(code)).join(' ')
}
