import { describe, expect, test } from '@jest/globals'
import { limitProblems } from '../../src/plan/limits.ts'
import { DEFAULT_LIMITS } from '../../src/policy/compile.ts'
import type { Limits } from '../../src/policy/types.ts'

function messages(limits: Partial<Limits>, deletes: number, units: number): string[] {
  const problems = limitProblems({ ...DEFAULT_LIMITS, ...limits }, deletes, units)
  expect(problems.every(({ code }) => code === 'limit-exceeded')).toBe(true)
  return problems.map(({ message }) => message)
}

describe('a plan inside the limits', () => {
  // Limits, how many units go, and of how many.
  test.each<[limits: Partial<Limits>, deletes: number, units: number]>([
    [{}, 0, 0],
    [{}, 0, 100],
    [{}, 1000, 2000],
    [{}, 50, 100],
    [{ maxDeletes: 0 }, 0, 100],
    [{ maxDeletePercent: 0 }, 0, 100],
    [{ maxDeletePercent: 0 }, 0, 0],
    [{ maxDeletePercent: 100 }, 100, 100],
    [{ maxDeletePercent: 33.3 }, 333, 1000],
    [{ maxDeletePercent: 0.1 }, 1, 1000],
  ])('%j: %p of %p', (limits, deletes, units) => {
    expect(messages(limits, deletes, units)).toEqual([])
  })
})

describe('a plan over the limits', () => {
  test('of deletes', () => {
    expect(messages({}, 1001, 10_000)).toEqual([
      '1001 deletes are over limits.max-deletes, 1000; narrow the rules, or raise the limit',
    ])
    expect(messages({ maxDeletes: 0 }, 1, 10_000)).toEqual([
      '1 delete is over limits.max-deletes, 0; narrow the rules, or raise the limit',
    ])
  })

  test('of the share of deletes', () => {
    expect(messages({}, 51, 100)).toEqual([
      '51 deletes are 51 % of the 100 tags and untagged artifacts read, over limits.max-delete-percent, 50; narrow the rules, or raise the limit',
    ])
    expect(messages({ maxDeletePercent: 0 }, 1, 1_000_000)).toHaveLength(1)
    expect(messages({ maxDeletePercent: 33.3 }, 334, 1000)).toHaveLength(1)
  })

  test('of both: both are told', () => {
    expect(messages({ maxDeletes: 5, maxDeletePercent: 5 }, 6, 100)).toHaveLength(2)
  })

  test('by less than a tenth of a percent: what is shown is over the limit', () => {
    expect(messages({ maxDeletes: 10_000 }, 5001, 10_000)[0]).not.toContain('50.0 %')
  })
})
