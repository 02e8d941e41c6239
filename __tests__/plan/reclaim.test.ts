import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import type { Artifact, Digest, ManifestContent, Repository } from '../../src/inventory/types.ts'
import { bytesAtMost, goingDigests, reclaimableBytes, stayingDigests } from '../../src/plan/reclaim.ts'
import type { Action } from '../../src/plan/types.ts'
import { signature } from './registry.ts'
import { digest, image } from './unit-of.ts'

/** A delete of the image `a` with its children and accessories: `team-a/web: a bc d`. */
function deletion(written: string): Action {
  const [name = '', what = ''] = written.split(': ')
  const [letter = '', children = '', accessories = ''] = what.split(' ')
  return {
    kind: 'delete-artifact',
    repository: name,
    digest: digest(letter),
    tags: [],
    children: children.split('').map(digest),
    accessories: accessories.split('').map(digest),
    size: 1000,
    pushed: '',
    pulled: null,
    rule: 'r',
    reason: 'always',
  }
}

function repository(name: string, artifacts: readonly Artifact[]): Repository {
  return { name, project: name.split('/')[0] ?? '', artifacts, absent: new Set() }
}

function letters(digests: Iterable<Digest>): string {
  return [...digests]
    .map((each) => each.charAt(7))
    .toSorted()
    .join('')
}

describe('what goes and what stays', () => {
  const TAG: Action = {
    kind: 'delete-tag',
    repository: 'a/x',
    digest: digest('f'),
    tag: 'v1',
    rule: 'r',
    reason: 'always',
  }
  const ACTIONS = [deletion('a/x: a bc d'), TAG, deletion('a/x: e'), deletion('b/y: a')]

  test('every manifest that an action takes goes, by repository; a tag takes none', () => {
    const going = goingDigests(ACTIONS)
    expect(Object.fromEntries([...going].map(([name, digests]) => [name, letters(digests)]))).toEqual({
      'a/x': 'abcde',
      'b/y': 'a',
    })
  })

  test('everything else that is listed stays, wherever it is, accessories too', () => {
    const repositories = [
      repository('a/x', [image('a', { accessories: [signature('d')] }), image('b'), image('f')]),
      repository('b/y', [image('a'), image('9', { accessories: [signature('8')] })]),
      repository('c/z', [image('e'), image('7', { accessories: null })]),
    ]
    expect(letters(stayingDigests(repositories, goingDigests(ACTIONS)))).toBe('789ef')
    expect(letters(stayingDigests(repositories, goingDigests([])))).toBe('789abdef')
  })
})

/** The content of manifests: their own size is 10, each blob has a letter and a size. */
function contents(
  written: Readonly<Record<string, readonly string[]>>,
): (of: Digest) => ManifestContent | undefined {
  return (of) => {
    const blobs = written[of.charAt(7)]
    return (
      blobs && {
        size: 10,
        blobs: blobs.map((blob) => ({ digest: `blob ${blob.charAt(0)}`, size: Number(blob.slice(1)) })),
      }
    )
  }
}

describe('reclaimableBytes', () => {
  // What goes, what stays, the blobs of each manifest, and the bytes that nothing references any more.
  test.each<
    [
      what: string,
      parts: readonly [going: string, staying: string, blobs: Readonly<Record<string, readonly string[]>>],
      bytes: number | null,
    ]
  >([
    ['nothing', ['', 'a', { a: ['x100'] }], 0],
    ['a manifest and its blobs', ['a', '', { a: ['x100', 'y20'] }], 130],
    ['not what another manifest has', ['a', 'b', { a: ['x100', 'y20'], b: ['x100'] }], 30],
    ['what two have in common once', ['ab', '', { a: ['x100'], b: ['x100', 'y20'] }], 140],
    ['a blob that is there twice once', ['a', '', { a: ['x100', 'x100'] }], 110],
    ['not what also stays elsewhere', ['ab', 'a', { a: ['x100'], b: ['y20'] }], 30],
    ['an index and its child', ['ab', '', { a: [], b: ['x100'] }], 120],
    ['unknown with what goes', ['ab', '', { a: ['x100'] }], null],
    ['unknown with what stays', ['a', 'b', { a: ['x100'] }], null],
    ['known though nothing goes', ['', '', {}], 0],
  ])('%s', (_, [going, staying, blobs], bytes) => {
    const [goes, stays] = [going, staying].map((each) => new Set(each.split('').map(digest)))
    expect(reclaimableBytes(goes ?? [], stays ?? new Set(), contents(blobs))).toBe(bytes)
  })
})

describe('bytesAtMost', () => {
  test.each<[what: string, repositories: readonly Repository[], actions: readonly string[], bytes: number]>([
    ['nothing goes', [repository('a/x', [image('a')])], [], 0],
    ['an image', [repository('a/x', [image('a', { size: 300 }), image('b')])], ['a/x: a'], 300],
    [
      'an image with its accessories',
      [repository('a/x', [image('a', { size: 300, accessories: [signature('b')] })])],
      ['a/x: a  b'],
      400,
    ],
    [
      'an index, whose size is that of its children and its own',
      [
        repository('a/x', [
          image('a', { size: 610, children: 'bc' }),
          image('b', { size: 300 }),
          image('c', { size: 300 }),
        ]),
      ],
      ['a/x: a bc'],
      610,
    ],
    [
      'an index without a child that stays',
      [
        repository('a/x', [
          image('a', { size: 610, children: 'bc' }),
          image('b', { size: 300 }),
          image('c', { size: 300 }),
        ]),
      ],
      ['a/x: a b'],
      310,
    ],
    [
      'an image that stays elsewhere',
      [repository('a/x', [image('a', { size: 300 })]), repository('b/y', [image('a', { size: 300 })])],
      ['a/x: a'],
      0,
    ],
    [
      'an image that goes everywhere, counted once',
      [repository('a/x', [image('a', { size: 300 })]), repository('b/y', [image('a', { size: 300 })])],
      ['a/x: a', 'b/y: a'],
      300,
    ],
    [
      'an index that says it is smaller than its children',
      [repository('a/x', [image('a', { size: 5, children: 'b' }), image('b', { size: 300 })])],
      ['a/x: a b'],
      300,
    ],
  ])('%s', (_, repositories, actions, bytes) => {
    expect(bytesAtMost(repositories, goingDigests(actions.map(deletion)))).toBe(bytes)
  })

  test('is never less than what garbage collection frees', () => {
    const generated = fc.array(
      fc.record({
        blobs: fc.uniqueArray(fc.constantFrom(1, 2, 3, 4), { minLength: 1 }),
        goes: fc.boolean(),
        isChild: fc.boolean(),
      }),
      { minLength: 1, maxLength: 5 },
    )
    fc.assert(
      fc.property(generated, fc.boolean(), (written, indexGoes) => {
        const images = written.map(({ blobs, goes, isChild }, index) => ({
          name: 'bcdef'.charAt(index),
          blobs: blobs.map((blob) => `${blob}${100 * blob}`),
          size: 10 + blobs.reduce((sum, blob) => sum + 100 * blob, 0),
          goes: goes && (indexGoes || !isChild),
          isChild,
        }))
        const children = images.filter(({ isChild }) => isChild)
        const going = images.filter(({ goes }) => goes)
        const index = image('a', {
          size: children.reduce((sum, { size }) => sum + size, 10),
          children: children.map(({ name }) => name).join(''),
        })
        const repositories = [
          repository('a/x', [index, ...images.map(({ name, size }) => image(name, { size }))]),
        ]
        const actions = [...(indexGoes ? ['a/x: a'] : []), ...going.map(({ name }) => `a/x: ${name}`)]
        const digests = goingDigests(actions.map(deletion))
        const content = contents({
          a: [],
          ...Object.fromEntries(images.map(({ name, blobs }): [string, string[]] => [name, blobs])),
        })
        const exact = reclaimableBytes(
          digests.get('a/x') ?? [],
          stayingDigests(repositories, digests),
          content,
        )
        expect(exact).toBeLessThanOrEqual(bytesAtMost(repositories, digests))
      }),
      { numRuns: 200 },
    )
  })
})
