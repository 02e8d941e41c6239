import { describe, expect, test } from '@jest/globals'
import { targetRepository } from '../../src/plan/mirror.ts'
import { isRepositoryName } from '../../src/shared/repository.ts'
import type { Mirror } from '../../src/policy/types.ts'
import { policyOf } from './plan-of.ts'

function mirrorOf(written: string): Mirror {
  return policyOf(
    `version: 1\nrules:\n  - { name: a, select: { tags: ["**"] }, copy: always }\nmirror: ${written}\n`,
  ).mirror
}

describe('targetRepository', () => {
  // The mirror, and where the source repository goes.
  test.each([
    ['{}', 'team-a/web/api', 'team-a/web/api'],
    ['{ repository: "{repository}" }', 'team-a/web/api', 'web/api'],
    ['{ repository: "mirror/{project}" }', 'team-a/web/api', 'mirror/team-a'],
    ['{ repository: "{project}-{repository}-{project}" }', 'a/b', 'a-b-a'],
    ['{ repository: "backup" }', 'a/b', 'backup'],
    ['{ replace: [{ from: "^team-a/", to: "backup/team-a/" }] }', 'team-a/web', 'backup/team-a/web'],
    ['{ replace: [{ from: "^team-a/", to: "backup/team-a/" }] }', 'x/team-a/web', 'x/team-a/web'],
    ['{ replace: [{ from: "/", to: "-" }] }', 'a/b/c', 'a-b-c'],
    ['{ replace: [{ from: "^([^/]+)/(.*)$", to: "$2/$1" }] }', 'a/b/c', 'b/c/a'],
    // One after the other, each on what the one before left.
    ['{ replace: [{ from: a, to: b }, { from: b, to: c }] }', 'a/b', 'c/c'],
    ['{ repository: "x/{repository}", replace: [{ from: "^x/", to: "" }] }', 'a/b', 'b'],
    // What a capture takes is no template.
    ['{ replace: [{ from: "(a)", to: "{project}$1" }] }', 'a/b', '{project}a/b'],
  ])('%s takes %s to %s', (mirror, source, target) => {
    expect(targetRepository(mirrorOf(mirror), source)).toBe(target)
  })
})

describe('isRepositoryName', () => {
  test.each(['a', '0', 'team-a/web/api', 'a.b_c__d---e', 'a'.repeat(255), `${'a/'.repeat(127)}a`])(
    '%s is one',
    (name) => {
      expect(isRepositoryName(name)).toBe(true)
    },
  )

  test.each([
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    'A',
    'a/B',
    '-a',
    'a-',
    '_a',
    'a_',
    'a..b',
    'a___b',
    'a._b',
    'a/.b',
    'a b',
    'a:b',
    'a@b',
    '\u00E9',
    'a\n',
    '{project}/a',
    'a'.repeat(256),
  ])('%j is none', (name) => {
    expect(isRepositoryName(name)).toBe(false)
  })

  test('is told in a moment, whatever it is', () => {
    const started = performance.now()
    for (const name of [
      '-'.repeat(255),
      'a_'.repeat(127),
      `${'a-'.repeat(127)}_`,
      '0'.repeat(254).concat('-'),
    ]) {
      expect(isRepositoryName(name)).toBe(false)
    }
    expect(performance.now() - started).toBeLessThan(5000)
  })
})
