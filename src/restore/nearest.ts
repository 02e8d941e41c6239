import { compareText } from '../shared/order.ts'

/** The candidates that somebody who wrote `written` may have meant, the nearest spelling first. */
export function nearestNames(written: string, candidates: Iterable<string>, most = 3): readonly string[] {
  return [...new Set(candidates)]
    .map((name) => ({ name, distance: distanceOf(written, name) }))
    .filter(({ name, distance }) => distance <= Math.max(written.length, name.length) / 2)
    .toSorted((a, b) => a.distance - b.distance || compareText(a.name, b.name))
    .slice(0, most)
    .map(({ name }) => name)
}

/** Levenshtein's distance. */
function distanceOf(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let index = 0; index < a.length; index += 1) {
    const row = [index + 1]
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (above[column - 1] ?? 0) + Number(a[index] !== b[column - 1])
      row.push(Math.min(replaced, (above[column] ?? 0) + 1, (row[column - 1] ?? 0) + 1))
    }
    above = row
  }
  return above[b.length] ?? 0
}
