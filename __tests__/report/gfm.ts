// As much of GitHub's Markdown (https://github.github.com/gfm/) as it takes to tell what a report would be rendered as.

/** What is outside the code spans of a line: from a run of backticks to the next run of as many is code. */
export function outsideCode(line: string): string {
  let outside = ''
  let at = 0
  while (at < line.length) {
    const [run = ''] = /^`+/.exec(line.slice(at)) ?? []
    const escaped = line.charAt(at) === '\\' ? 2 : 0
    const end = run === '' ? -1 : closingRun(line, at + run.length, run.length)
    if (end === -1) {
      const length = Math.max(run.length, escaped, 1)
      outside += line.slice(at, at + length)
      at += length
    } else {
      at = end
    }
  }
  return outside
}

/** Where the run of just so many backticks ends; -1 when there is none. */
function closingRun(line: string, from: number, length: number): number {
  for (const match of line.slice(from).matchAll(/`+/g)) {
    if (match[0].length === length) return from + match.index + length
  }
  return -1
}

/** The cells of a table's row: pipes without a backslash before them divide. */
export function cellsOf(row: string): string[] {
  const [, inner = ''] = /^\| (.*) \|$/.exec(row) ?? []
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim())
}

/** The rows of every table, without header and rule, each with its cells. */
export function rowsOf(markdown: string): string[][] {
  const lines = markdown.split('\n').filter((line) => line.startsWith('| '))
  const isRule = (line = ''): boolean => /^[| :-]+$/.test(line)
  return lines
    .filter((line, index) => !isRule(line) && !isRule(lines[index + 1]))
    .map((line) => cellsOf(line))
}
