import type { Content } from './content.ts'
import { oneLine } from './escape.ts'
import type { Style } from './style.ts'
import type { Cell, Table } from './table.ts'

const WIDEST = 80

/** How much of a report a terminal or a log gets. */
export interface TextOptions {
  readonly style: Style
  /** Rows of each table at most. */
  readonly rows: number
}

/** Renders a report as text, for a terminal and for a job's log. */
export function renderText(content: Content, { style, rows }: TextOptions): string {
  const { problems } = content
  return [
    style.bold(oneLine(content.title)),
    style.bold(content.verdict),
    ...(content.facts.length > 0 ? [content.facts.join('\n')] : []),
    ...(problems.length > 0 ? [problemsText(problems, style)] : []),
    ...content.notices.map(({ words, names }) =>
      style.yellow(`${words} ${names.map((name) => oneLine(name)).join(', ')}`),
    ),
    ...[...content.overview, ...content.lists].map((table) => tableText(table, { style, rows })),
    style.dim(content.footer.map(([name, value]) => `${name} ${oneLine(value)}`).join('\n')),
    '',
  ].join('\n\n')
}

function problemsText(problems: readonly string[], style: Style): string {
  const lines = problems.slice(0, 20).map((problem) => `  - ${oneLine(problem)}`)
  if (problems.length > 20) lines.push(`  - … and ${problems.length - 20} more`)
  return [style.red(style.bold('This plan cannot be applied.')), ...lines].join('\n')
}

function tableText(table: Table, { style, rows: most }: TextOptions): string {
  const { title, columns, count } = table
  const shown: (readonly string[])[] = []
  for (const row of table.rows) {
    if (shown.length >= Math.min(most, table.textRows ?? most)) break
    shown.push(row.map((cell) => shortened(cellText(cell))))
  }
  const widths = columns.map(({ name }, index) =>
    Math.max(name.length, ...shown.map((row) => row[index]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => {
        const width = widths[index] ?? 0
        return columns[index]?.align === 'right' ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('  ')
      .trimEnd()
  const more =
    shown.length < count ? [style.dim(`… and ${(count - shown.length).toLocaleString('en-US')} more`)] : []
  const header = style.dim(line(columns.map(({ name }) => name)))
  return [style.bold(`${title}: ${count.toLocaleString('en-US')}`), header, ...shown.map(line), ...more].join(
    '\n',
  )
}

/** A tag can have 128 characters, and an artifact many tags; a table of them all would be read by nobody. */
function shortened(cell: string): string {
  return cell.length > WIDEST ? `${cell.slice(0, WIDEST - 1)}…` : cell
}

function cellText(cell: Cell): string {
  if ('text' in cell) return oneLine(cell.text)
  return 'code' in cell ? oneLine(cell.code) : cell.codes.map((code) => oneLine(code)).join(' ')
}
