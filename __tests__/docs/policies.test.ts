// Whoever copies a policy out of the documentation gets one that works.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parsePolicy } from '../../src/policy/parse.ts'

const BLOCK = /^```yaml\n((?:#.*\n)*version: 1\n[\s\S]*?)^```$/gm

describe.each([
  ['README.md', 1],
  ['docs/policy.md', 10],
])('the policies in %s', (file, least) => {
  const text = readFileSync(file, 'utf8')
  const policies = [...text.matchAll(BLOCK)].map(({ 1: policy = '', index }) => ({
    line: text.slice(0, index).split('\n').length,
    policy,
  }))

  test('are found', () => {
    expect(policies.length).toBeGreaterThanOrEqual(least)
  })

  test.each(policies)('line $line: has no problem', ({ policy }) => {
    const parsed = parsePolicy(policy)
    expect('problems' in parsed ? parsed.problems : []).toEqual([])
  })
})
