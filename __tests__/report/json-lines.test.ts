import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import type { Plan } from '../../src/plan/types.ts'
import { jsonLines } from '../../src/report/json-lines.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import { deletedBy, example, HOSTILE } from './report.ts'

function written(plan: Plan): string {
  return [...jsonLines(plan)].join('')
}

describe('the plan file', () => {
  test('is the plan as JSON', () => {
    const { plan } = example()
    expect(parseJson<Plan>(written(plan))).toEqual(plan)
  })

  test('is the plan whatever its names are', () => {
    for (const name of HOSTILE) {
      const { plan } = deletedBy(name)
      expect(parseJson<Plan>(written(plan))).toEqual(plan)
    }
  })

  test('has a line for each action, rule, protection and repository, and one for each other field', () => {
    const { plan } = example()
    const lines = written(plan).split('\n')
    const items = [...plan.actions, ...plan.rules, ...plan.protections, ...plan.repositories]
    for (const item of items) {
      expect(lines.filter((line) => line.replace(/,$/, '') === `    ${JSON.stringify(item)}`)).toHaveLength(1)
    }
    // Two braces, a line end, a line for each field, and of four lists their end.
    expect(lines).toHaveLength(3 + Object.keys(plan).length + 4 + items.length)
  })

  test('has the fields in their order, and lists that are empty on one line', () => {
    const { plan } = example()
    expect(written(plan).match(/^ {2}"\w+"/gm)).toEqual(Object.keys(plan).map((key) => `  "${key}"`))
    expect(written(plan)).toContain('\n  "problems": [],\n')
    expect(written({ ...plan, actions: [], rules: [] })).toContain('\n  "actions": [],\n  "rules": [],\n')
  })

  test('is the same for the same plan, and one action more is one line more', () => {
    const { plan } = example()
    expect(written(plan)).toBe(written(example().plan))
    const [first, ...others] = plan.actions
    const [one, two] = [plan, { ...plan, actions: others }].map((each) => written(each).split('\n'))
    expect(one?.filter((line) => two?.includes(line) !== true)).toEqual([`    ${JSON.stringify(first)},`])
  })

  test('is made piece by piece, none longer than an action', () => {
    const { plan } = example()
    const longest = Math.max(...[...jsonLines(plan)].map((piece) => piece.length))
    expect(longest).toBeLessThan(JSON.stringify(plan.actions).length)
  })

  test('is JSON for any texts', () => {
    const { plan: whole } = example()
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 }), (texts) => {
        const problems = texts.map((message) => ({ code: 'incomplete' as const, message }))
        const plan: Plan = { ...whole, problems }
        expect(parseJson<Plan>(written(plan)).problems).toEqual(problems)
      }),
      { numRuns: 20 },
    )
  })
})
