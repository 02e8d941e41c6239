import { byteLength, codeCell, codeHtml, codeSpan, cut, htmlText, markdownText } from './escape.ts'
import { titleCells, type Cell, type Column, type Mark, type Notice, type Table } from './table.ts'
import { grouped } from './words.ts'

/** How much of a table is shown. */
export interface Extent {
  /** Bytes at most. */
  readonly room: number
  /** Rows at most. */
  readonly most?: number
  /** Where rows that are left out stand: `in the plan file`. */
  readonly elsewhere?: string | undefined
}

const LONGEST_NAME = 120
const LONGEST_PROBLEM = 500
/** Problems, and names in a notice. */
const MOST_NAMED = 20
const NAMES_BYTES = 1000

/** Colours for who looks only briefly; the words beside them say the same. */
const MARKS: Readonly<Record<Mark, string>> = {
  lost: '🔴',
  saved: '🟢',
  endangered: '🟠',
  copied: '🔵',
  otherwise: '🟡',
}

/** Words with the colour of their kind. */
export function marked(mark: Mark | undefined, words: string): string {
  return mark === undefined ? words : `${MARKS[mark]}\u00A0${words}`
}

/**
 * A table under a heading.
 *
 * @returns empty where there is no room for it
 */
export function sectionBlock(table: Table, extent: Extent): string {
  const heading = `### ${marked(table.mark, table.title)}\n\n`
  const body = tableBlock(table, { ...extent, room: extent.room - byteLength(heading) })
  return body === '' ? '' : `${heading}${body}`
}

/**
 * A table behind a fold. GitHub needs the blank lines to see Markdown inside HTML.
 *
 * @param open whether it is unfolded
 * @returns empty where there is no room for it
 */
export function foldBlock(table: Table, extent: Extent, open = false): string {
  const [start, end] = [
    `<details${open ? ' open' : ''}><summary>${titleHtml(table)}</summary>\n\n`,
    '\n\n</details>',
  ]
  const body = tableBlock(table, { ...extent, room: extent.room - byteLength(start + end) })
  return body === '' ? '' : `${start}${body}${end}`
}

function titleHtml(table: Table): string {
  const [title, ...rest] = titleCells(table).map((cell) => cellHtml(cell))
  const sum = rest.pop() ?? ''
  return `${marked(table.mark, [title, ...rest].join(' '))}: ${sum}`
}

function cellHtml(cell: Cell): string {
  if ('text' in cell) return htmlText(cell.text)
  if ('code' in cell) return codeHtml(cut(cell.code, LONGEST_NAME))
  if ('parts' in cell) return cell.parts.map((part) => cellHtml(part)).join('')
  return cell.codes.map((each) => codeHtml(cut(each, LONGEST_NAME))).join(' ')
}

/** As many rows as there is room for, and the others counted. */
function tableBlock({ columns, rows, count }: Table, { room, most = Infinity, elsewhere }: Extent): string {
  const head = [
    `| ${columns.map(({ name }) => name).join(' | ')} |`,
    `| ${columns.map(({ align }) => (align === 'right' ? '--:' : '---')).join(' | ')} |`,
  ].join('\n')
  const others = (left: number): string =>
    `… and ${grouped(left)} more${elsewhere === undefined ? '' : `, ${elsewhere}`}.`
  const reserved = byteLength(others(count)) + 2
  let block = head
  let left = room - byteLength(head)
  let shown = 0
  for (const row of rows) {
    const line = `\n| ${row.map((cell, index) => renderCell(cell, columns[index])).join(' | ')} |`
    const needed = byteLength(line)
    if (shown >= most || needed > left - (shown + 1 < count ? reserved : 0)) break
    block += line
    left -= needed
    shown += 1
  }
  if (shown === count && left >= 0) return block
  const rest = others(count - shown)
  if (shown > 0) return `${block}\n\n${rest}`
  return byteLength(rest) <= room ? rest : ''
}

/** Numbers stay in one line with their unit. */
function renderCell(cell: Cell, column?: Column): string {
  if ('text' in cell) {
    const words = markdownText(cell.text)
    return column?.align === 'right' ? words.replaceAll(' ', '\u00A0') : words
  }
  if ('code' in cell) return codeCell(cell.code)
  if ('parts' in cell) return cell.parts.map((part) => renderCell(part)).join('')
  return cell.codes.map((each) => codeCell(each)).join(' ')
}

/**
 * What is in the way, twenty at most, and as many as there is room for.
 *
 * @returns empty where nothing is
 */
export function problemsBlock(title: string, problems: readonly string[], room: number): string {
  if (problems.length === 0) return ''
  let block = `> [!CAUTION]\n> **${title}**`
  let shown = 0
  for (const problem of problems.slice(0, MOST_NAMED)) {
    // An item without anything in it would make a heading of the line above.
    const line = `\n> - ${markdownText(cut(problem.trim() || '\u00A0', LONGEST_PROBLEM))}`
    if (shown > 0 && byteLength(block + line) > room) break
    block += line
    shown += 1
  }
  return shown < problems.length ? `${block}\n> - … and ${problems.length - shown} more` : block
}

/** Words and the names that they are about, twenty at most, and fewer if they are long. */
export function noticeBlock({ words, names }: Notice, kind: 'NOTE' | 'WARNING' = 'NOTE'): string {
  const shown: string[] = []
  let left = NAMES_BYTES
  for (const name of names.slice(0, MOST_NAMED)) {
    const span = codeSpan(cut(name, LONGEST_NAME))
    left -= byteLength(span)
    if (shown.length > 0 && left < 0) break
    shown.push(span)
  }
  const more = shown.length < names.length ? ` and ${names.length - shown.length} more` : ''
  return `> [!${kind}]\n> ${markdownText(words)} ${shown.join(', ')}${more}`
}

/** What was read and by what, in small letters. */
export function footerBlock(footer: readonly (readonly [string, string])[]): string {
  return `<sub>${footer.map(([name, value]) => `${name} ${codeSpan(cut(value, LONGEST_NAME))}`).join(' · ')}</sub>\n`
}
