// Harbor's own pattern library was asked beforehand: a name for each column, a pattern for each row.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { BadPattern, matches } from '../../stand-in/state/doublestar.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import { FIXTURES } from './recording.ts'

interface Vectors {
  readonly names: readonly string[]
  /** For each name 1 when it matches, 0 when it doesn't, ! when that is an error. */
  readonly patterns: Readonly<Record<string, string>>
}

const { names, patterns } = parseJson<Vectors>(readFileSync(path.join(FIXTURES, 'doublestar.json'), 'utf8'))

function answer(pattern: string, name: string): string {
  try {
    return matches(pattern, name) ? '1' : '0'
  } catch (error) {
    if (error instanceof BadPattern) return '!'
    throw error
  }
}

test.each(Object.entries(patterns))('%s', (pattern, answers) => {
  expect(names.map((name) => answer(pattern, name)).join('')).toBe(answers)
})
