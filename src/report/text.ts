import type { Content } from './content.ts'
import type { EditSection } from './edit.ts'
import { oneLine } from './escape.ts'
import type { Style } from './style.ts'
import { titleCells, type Cell, type Notice, type Table } from './table.ts'
import { grouped } from './words.ts'

const WIDEST = 80

/** How much of a report a terminal or a log gets. */
export interface TextOptions {
  readonly style: Style
  /** Rows of each table at most. */
  readonly rows: number
}

/** Renders a report as text, for a terminal and for a job's log. */
export function renderText(content: Content, { style, rows }: TextOptions): string {
  const { problemsTitle, problems } = content
  return [
    style.bold(lineStart(shown(content.title))),
    ...(content.edit === undefined ? [] : editTexts(content.edit, { style, rows })),
    style.bold(content.verdict),
    ...(content.facts.length > 0 ? [content.facts.join('\n')] : []),
    ...(problems.length > 0 ? [problemsText(problemsTitle, problems, style)] : []),
    ...content.notices.map((notice) => noticeText(notice, style)),
    ...[...content.overview, ...content.lists].map((table) => tableText(table, { style, rows })),
    style.dim(content.footer.map(([name, value]) => `${name} ${shown(value)}`).join('\n')),
    '',
  ].join('\n\n')
}

/** What an edit changes, before the plan as a whole. */
function editTexts(
  { title, parts, facts, notices, tables }: EditSection,
  options: TextOptions,
): readonly string[] {
  const { style } = options
  const words = parts.map((part) => part.words).join(', ')
  return [
    style.bold(words === '' ? `${title}.` : `${title}: ${words}.`),
    ...(facts.length > 0 ? [facts.map((fact) => shown(fact)).join('\n')] : []),
    ...notices.map((notice) => noticeText(notice, style)),
    ...tables.map((table) => tableText(table, options)),
    style.bold('The whole plan'),
  ]
}

function noticeText({ words, names }: Notice, style: Style): string {
  return style.yellow(`${words} ${someOf(names)}`)
}

function titleText(table: Table): string {
  const [title, ...rest] = titleCells(table).map((cell) => cellText(cell))
  const sum = rest.pop() ?? ''
  return `${[title, ...rest].join(' ')}: ${sum}`
}

function someOf(names: readonly string[]): string {
  const some = names.slice(0, 20).map((name) => shown(name))
  return `${some.join(', ')}${names.length > 20 ? ` and ${names.length - 20} more` : ''}`
}

function problemsText(title: string, problems: readonly string[], style: Style): string {
  const lines = problems.slice(0, 20).map((problem) => `  - ${shown(problem)}`)
  if (problems.length > 20) lines.push(`  - … and ${problems.length - 20} more`)
  return [style.red(style.bold(title)), ...lines].join('\n')
}

function tableText(table: Table, { style, rows: most }: TextOptions): string {
  const { columns, count } = table
  const lines: (readonly string[])[] = []
  for (const row of table.rows) {
    if (lines.length >= Math.min(most, table.textRows ?? most)) break
    const last = row.length - 1
    lines.push(
      row.map((cell, index) => (index > 0 && index === last ? cellText(cell) : shortened(cellText(cell)))),
    )
  }
  const widths = columns.map(({ name }, index) =>
    Math.max(name.length, ...lines.map((row) => row[index]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => {
        const width = widths[index] ?? 0
        return columns[index]?.align === 'right' ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('  ')
      .trimEnd()
  const more = lines.length < count ? [style.dim(`… and ${grouped(count - lines.length)} more`)] : []
  const header = style.dim(line(columns.map(({ name }) => name)))
  return [
    style.bold(lineStart(titleText(table))),
    header,
    ...lines.map((cells) => lineStart(line(cells))),
    ...more,
  ].join('\n')
}

/**
 * Somebody else's text as part of a line. A terminal may be the log of a GitHub workflow, whose runner takes `##[` and a
 * `::` at the start of a line for commands.
 */
function shown(text: string): string {
  return oneLine(text).replaceAll('##[', '##\u00B7[')
}

function lineStart(text: string): string {
  return text.trimStart().startsWith('::') ? `\u00B7${text}` : text
}

/** A tag can have 128 characters, and an artifact many tags: the columns behind would be read by nobody. */
function shortened(cell: string): string {
  return cell.length > WIDEST ? `${cell.slice(0, WIDEST - 1)}…` : cell
}

function cellText(cell: Cell): string {
  if ('text' in cell) return shown(cell.text)
  if ('code' in cell) return shown(cell.code)
  if ('parts' in cell) return cell.parts.map((part) => cellText(part)).join('')
  return cell.codes.map((each) => shown(each)).join(' ')
}
