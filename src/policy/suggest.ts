/**
 * The candidate that somebody who wrote `written` most likely meant: the same words in other clothes (`keep_newest`
 * for `newest`, `maxDeletes` for `max-deletes`), else the nearest spelling, else what shares most of its words. Never
 * one that says the opposite.
 *
 * @returns undefined when nothing is near
 */
export function nearest(written: string, candidates: readonly string[]): string | undefined {
  const words = wordsOf(written)
  const pool = candidates.filter(
    (candidate) =>
      wordsOf(candidate).includes('not') === words.includes('not') && !mayTurnRound(words, candidate),
  )
  const same = pool.filter((candidate) => wordsOf(candidate).every((word) => isAmong(word, words)))
  const [best] = ranked(words, same.length > 0 ? same : pool)
  if (best === undefined) return undefined
  if (same.length > 0 || distance(words.join('-'), best) <= allowance(best)) return best
  const begun = pool.find((candidate) => candidate.length >= 4 && words.join('-').startsWith(candidate))
  if (begun !== undefined) return begun
  const alike = pool.filter(
    (candidate) => wordsOf(candidate).filter((word) => isAmong(word, words)).length >= 2,
  )
  return ranked(words, alike)[0]
}

/** A condition that is off by a word may be off by a `not`, in whatever spelling. */
function mayTurnRound(words: readonly string[], candidate: string): boolean {
  if (!candidate.endsWith('-within')) return false
  const meant = wordsOf(candidate)
  const isMeant = (word: string): boolean => meant.some((other) => distance(word, other) <= 1)
  return !words.every((word) => isMeant(word)) && words.join('') !== meant.join('')
}

function ranked(words: readonly string[], candidates: readonly string[]): readonly string[] {
  const written = words.join('-')
  return candidates.toSorted((a, b) => distance(written, a) - distance(written, b))
}

function isAmong(word: string, words: readonly string[]): boolean {
  return words.some((other) => distance(word, other) <= allowance(word))
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
