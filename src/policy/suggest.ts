/**
 * The candidate that somebody who wrote `written` most likely meant: the same words in other clothes
 * (`keep_newest` for `newest`, `maxDeletes` for `max-deletes`), else the nearest spelling.
 *
 * @returns undefined when nothing is near
 */
export function nearest(written: string, candidates: readonly string[]): string | undefined {
  const words = wordsOf(written)
  const sameWords = candidates.filter((candidate) => {
    return wordsOf(candidate).every((word) => words.some((other) => distance(word, other) <= allowance(word)))
  })
  const pool = sameWords.length > 0 ? sameWords : candidates
  const ranked = pool
    .map((candidate) => ({ candidate, distance: distance(words.join('-'), candidate) }))
    .toSorted((a, b) => a.distance - b.distance)
  const [best] = ranked
  if (best === undefined) return undefined
  return sameWords.length > 0 || best.distance <= allowance(best.candidate) ? best.candidate : undefined
}

function wordsOf(key: string): readonly string[] {
  return key
    .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '')
}

/** How many slips still make the same word. */
function allowance(word: string): number {
  return word.length < 4 ? 0 : Math.floor(word.length / 4)
}

/** Levenshtein's distance, a swap of neighbours counting as one. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)]
  const cell = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= b.length; j += 1) {
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(
        Math.min(
          cell(i - 1, j) + 1,
          cell(i, j - 1) + 1,
          cell(i - 1, j - 1) + Number(a[i - 1] !== b[j - 1]),
          swapped ? cell(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
  }
  return cell(a.length, b.length)
}
