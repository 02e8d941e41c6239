/** Where something stands in the policy file; lines and columns count from 1. */
export interface Place {
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

/** Places in a text by the offsets of their start and end. */
export function placesIn(text: string): (start: number, end: number) => Place {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
  const position = (offset: number): readonly [number, number] => {
    const within = Math.min(Math.max(0, offset), text.length)
    const line = starts.findLastIndex((start) => start <= within)
    return [line + 1, within - (starts[line] ?? 0) + 1]
  }
  return (start, end) => {
    const [line, column] = position(start)
    const [endLine, endColumn] = position(Math.max(start, end))
    return { line, column, endLine, endColumn }
  }
}
