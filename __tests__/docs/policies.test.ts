// Whoever copies a policy out of the documentation gets one that works, and that does what stands below it.
import { describe, expect, test } from '@jest/globals'
import { parsePolicy } from '../../src/policy/parse.ts'
import { decisionLines, type DecisionLine } from '../../src/report/decisions.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import { startStandIn } from '../../stand-in/stand-in.ts'
import { planOf } from '../helpers/plan.ts'
import { fill, NOW, reasonPattern, recipesIn, unitsOf, wordsOf } from './samples.ts'

const DOCUMENTS = [
  ['README.md', 1, 0],
  ['docs/policy.md', 1, 0],
  ['docs/cookbook.md', 12, 12],
  ['docs/migrating.md', 9, 9],
] as const

describe.each(DOCUMENTS)('the policies in %s', (file, least, leastTables) => {
  const recipes = recipesIn(file)
  const tables = recipes.filter(({ rows }) => rows.length > 0)

  test('are found', () => {
    expect(recipes.length).toBeGreaterThanOrEqual(least)
    expect(tables.length).toBeGreaterThanOrEqual(leastTables)
  })

  test.each(recipes)('line $line: has no problem', ({ policy }) => {
    const parsed = parsePolicy(policy)
    expect('problems' in parsed ? parsed.problems : []).toEqual([])
  })

  if (tables.length === 0) return
  test.each(tables)(
    'line $line: $heading: decides its images as the table says',
    async ({ policy, rows }) => {
      const standIn = await startStandIn({ clock: () => NOW })
      fill(standIn.registry, rows)
      const { repositories } = await planOf(standIn.url, policy, { now: NOW })
      await standIn.close()
      const lines = [...decisionLines(repositories, NOW, 'ndjson')].map((line) =>
        parseJson<DecisionLine>(line),
      )
      const decided = new Map(
        lines.map((line) => [`${line.repository}${line.tag === null ? '' : `:${line.tag}`}`, line]),
      )
      const told = rows.flatMap((row) => unitsOf(row).map((unit) => [nameOf(unit), row] as const))
      for (const [unit, { Then: becomes = '', Since: reason = '…' }] of told) {
        const line = decided.get(unit)
        expect([unit, line === undefined ? 'not read' : wordsOf(line)]).toEqual([unit, becomes])
        expect([unit, line?.reason ?? '']).toEqual([unit, expect.stringMatching(reasonPattern(reason))])
      }
      expect([...decided.keys()].toSorted()).toEqual(
        told
          .filter(([, { Then: becomes }]) => becomes !== 'not read')
          .map(([unit]) => unit)
          .toSorted(),
      )
    },
  )
})

/** Tags of attestations are too long for a table. */
function nameOf(unit: string): string {
  return unit.replace('sha256-….att', `sha256-${'5'.repeat(64)}.att`)
}
