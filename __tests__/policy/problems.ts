import { parsePolicy } from '../../src/policy/parse.ts'

/** What is wrong with a policy, a line each: `line:column message`. Empty when nothing is. */
export function problemsOf(text: string): string[] {
  const parsed = parsePolicy(text)
  if ('policy' in parsed) return []
  const problems = parsed.problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
  // To refuse without a word is an answer that no test should take for right.
  return problems.length > 0 ? problems : ['refused without a problem']
}

/** A policy with one rule, its `select` in line 4 from column 13, what else it says from line 5 on, at column 5. */
export function withRule(select: string, ...more: readonly string[]): string {
  const lines = more.length > 0 ? more : ['delete: always']
  return `version: 1
rules:
  - name: a
    select: ${select}
    ${lines.join('\n    ')}
`
}

export const ALL_TAGS = '{ tags: ["**"] }'

/** A policy that is right, and after it, from line 6 on, what is tested. */
export function withMore(...lines: readonly string[]): string {
  return `${withRule(ALL_TAGS)}${lines.join('\n')}\n`
}
