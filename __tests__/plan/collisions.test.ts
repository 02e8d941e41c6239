import { describe, expect, test } from '@jest/globals'
import { copyProblems } from '../../src/plan/collisions.ts'
import type { Action, Copy } from '../../src/plan/types.ts'
import { digest } from './unit-of.ts'

/** A copy, of what to where: `a/web@b v1 v2 -> target`. */
function copy(written: string): Copy {
  const [source = '', target = ''] = written.split(' -> ')
  const [name = '', ...tags] = source.split(' ')
  const [repository = '', letter = ''] = name.split('@')
  return {
    kind: 'copy',
    repository,
    digest: digest(letter),
    tags,
    target,
    accessories: [],
    rule: 'r',
    reason: 'always',
  }
}

function messages(copies: readonly string[], prefix = ''): string[] {
  return copyProblems(copies.map(copy), { harborUrl: 'https://harbor.example/registry', prefix }).map(
    ({ code, message }) => `${code}: ${message}`,
  )
}

describe('copies that can all be', () => {
  test.each<[what: string, copies: readonly string[]]>([
    ['none', []],
    ['one', ['team-a/web@a v1 -> team-a/web']],
    ['two images under two tags', ['a/x@a v1 -> t', 'b/x@b v2 -> t']],
    ['two images in two places', ['a/x@a v1 -> t/a', 'b/x@b v1 -> t/b']],
    ['one image from two repositories', ['a/x@a v1 -> t', 'b/x@a v1 -> t']],
    ['two images without a tag', ['a/x@a -> t', 'b/x@b -> t']],
  ])('%s', (_, copies) => {
    expect(messages(copies)).toEqual([])
  })

  test('what is deleted is in the way of nobody', () => {
    const [first] = ['a/x@a v1 -> t'].map(copy)
    if (first === undefined) throw new Error('a copy')
    const gone: Action = {
      kind: 'delete-tag',
      repository: 'b/x',
      digest: digest('b'),
      tag: 'v1',
      rule: 'r',
      reason: 'always',
    }
    expect(copyProblems([first, gone], { harborUrl: 'https://harbor.example', prefix: '' })).toEqual([])
  })
})

// A mirror that is the Harbor itself: the copy is verified where the image is, and then the only one is deleted.
describe('copies to the Harbor that they come from', () => {
  const removal: Action = {
    kind: 'delete-tag',
    repository: 'b/x',
    digest: digest('b'),
    tag: 'v1',
    rule: 'r',
    reason: 'always',
  }
  // A copy, the mirror, and how what is told begins; nothing where it is empty.
  test.each([
    ['a/x@a v1 -> harbor.example/a/x', 'harbor.example/', 'a/x would be copied onto itself;'],
    [
      'a/x@a v1 -> harbor.example/b/x',
      'harbor.example/b/',
      'a/x would be copied onto b/x of the same Harbor, where this plan deletes;',
    ],
    ['a/x@a v1 -> harbor.example/archive/x', 'harbor.example/archive/', ''],
    ['a/x@a v1 -> harbor.example:8443/a/x', 'harbor.example:8443/', ''],
    ['a/x@a v1 -> a/x', '', ''],
  ])('%s under %s: %s', (written, prefix, start) => {
    const told = copyProblems([copy(written), removal], { harborUrl: 'https://harbor.example/path', prefix })
    expect(told.map(({ code, message }) => `${code}: ${message}`)).toEqual(
      start === '' ? [] : [expect.stringContaining(`copy-target: ${start}`)],
    )
  })
})

describe('two images on one tag of one target', () => {
  test('are told, with where both come from', () => {
    expect(messages(['a/x@a v1 v2 -> t', 'b/x@b v2 -> t'])).toEqual([
      'copy-collision: a/x:v2 and b/x:v2 are different images and would both be copied to t:v2; see mirror.replace',
    ])
  })

  test('are told of each tag, and of each pair', () => {
    expect(messages(['a/x@a v1 v2 -> t', 'b/x@b v1 v2 -> t', 'c/x@c v1 -> t'])).toEqual([
      'copy-collision: a/x:v1 and b/x:v1 are different images and would both be copied to t:v1; see mirror.replace',
      'copy-collision: a/x:v2 and b/x:v2 are different images and would both be copied to t:v2; see mirror.replace',
      'copy-collision: b/x:v1 and c/x:v1 are different images and would both be copied to t:v1; see mirror.replace',
    ])
  })
})

describe('a target that registries do not take as a name', () => {
  // Copies, what stands before the repository, and what is told.
  test.each<[copies: readonly string[], prefix: string, told: readonly string[]]>([
    [['a/x@a v1 -> A/x'], '', ['a/x would be copied to `A/x`']],
    [['a/x@a v1 -> '], '', ['a/x would be copied to ``']],
    [['a/x@a v1 -> mirror.example:5000/up/a/x'], 'mirror.example:5000/up/', []],
    [
      ['a/x@a v1 -> mirror.example:5000/Up/a/x'],
      'mirror.example:5000/Up/',
      ['a/x would be copied to `mirror.example:5000/Up/a/x`'],
    ],
    [
      ['a/x@a v1 -> mirror.example:5000/a//b/a/x'],
      'mirror.example:5000/a//b/',
      ['a/x would be copied to `mirror.example:5000/a//b/a/x`'],
    ],
    [
      ['a/x@a v1 -> mirror.example:5000/'],
      'mirror.example:5000/',
      ['a/x would be copied to `mirror.example:5000/`'],
    ],
    [['a/x@a v1 -> -x', 'a/x@b v2 -> -x'], '', ['a/x would be copied to `-x`']],
    [
      ['a/x@a v1 -> x..y', 'b/x@b v1 -> y-'],
      '',
      ['a/x would be copied to `x..y`', 'b/x would be copied to `y-`'],
    ],
  ])('%j under %j: %j', (copies, prefix, told) => {
    expect(messages(copies, prefix)).toEqual(
      told.map(
        (start) =>
          `copy-target: ${start}, which is no name of a repository; see ${prefix === '' ? '' : 'mirror-registry, '}mirror.repository and mirror.replace`,
      ),
    )
  })

  test('counts its host and path, too, since skopeo does', () => {
    const [path, longest] = ['mirror.example:5000/backup/', `a/${'x'.repeat(226)}`]
    expect(path + longest).toHaveLength(255)
    const told = (name: string): readonly string[] => messages([`a/x@a v1 -> ${path}${name}`], path)
    expect([told(longest), told(`${longest}y`)]).toEqual([
      [],
      [
        expect.stringMatching(
          /^copy-target: a\/x would be copied to `.*`, which is 256 characters long, over 255; see mirror-registry,/,
        ),
      ],
    ])
  })
})
