import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { compareVersions, compileRange, parseVersion, type Version } from '../../src/patterns/version.ts'
import { refusal } from './refusal.ts'

/** The version of a tag that has one. */
function versionOf(tag: string): Version {
  const version = parseVersion(tag)
  if (version === undefined) throw new Error(`${tag} is no version`)
  return version
}

describe('parseVersion', () => {
  // A tag, and the version that it is, with its build if it has one; undefined: none.
  test.each<[tag: string, version: string | undefined]>([
    ['1.2.3', '1.2.3'],
    ['v1.2.3', '1.2.3'],
    ['0.0.0', '0.0.0'],
    ['10.20.30', '10.20.30'],
    ['20260115.1.0', '20260115.1.0'],
    ['1.2.3-rc.1', '1.2.3-rc.1'],
    ['v1.2.3-rc.1', '1.2.3-rc.1'],
    ['1.2.3-0.3.7', '1.2.3-0.3.7'],
    ['1.2.3-x.7.z.92', '1.2.3-x.7.z.92'],
    ['1.2.3--', '1.2.3--'],
    // Registries write `_` where versions have `+`.
    ['1.2.3_build.5', '1.2.3+build.5'],
    ['v1.2.3-rc.1_5', '1.2.3-rc.1+5'],
    ['1.2.3+build.5', '1.2.3+build.5'],
    ['1.2.3-rc_1_2', undefined],
    // Full versions only.
    ['1', undefined],
    ['1.2', undefined],
    ['v1', undefined],
    ['v1.2', undefined],
    ['1.2.x', undefined],
    ['1.2.3.4', undefined],
    ['latest', undefined],
    ['', undefined],
    // As https://semver.org has it, not nearly.
    ['01.2.3', undefined],
    ['1.2.3-01', undefined],
    ['1.2.3-', undefined],
    ['1.2.3-a..b', undefined],
    ['1.2.3_', undefined],
    ['2026.01.15', undefined],
    ['V1.2.3', undefined],
    ['vv1.2.3', undefined],
    ['=1.2.3', undefined],
    ['v=1.2.3', undefined],
    ['release-1.2.3', undefined],
    ['1.2.3 ', '1.2.3'],
    [' 1.2.3', undefined],
    ['99999999999999999999.0.0', undefined],
    [`1.2.3-${'a'.repeat(300)}`, undefined],
    [`sha256-${'0'.repeat(64)}.sig`, undefined],
  ])('reads %j as %p', (tag, version) => {
    const read = parseVersion(tag)
    const build = read === undefined || read.build.length === 0 ? '' : `+${read.build.join('.')}`
    expect(read === undefined ? undefined : `${read.version}${build}`).toBe(version)
  })
})

describe('compileRange', () => {
  // A range, versions in it, and versions out of it.
  test.each<[range: string, inside: readonly string[], outside: readonly string[]]>([
    ['*', ['0.0.0', '1.2.3', '1.2.3-rc.1', '0.0.0-0'], []],
    ['1.2.3', ['1.2.3', 'v1.2.3', '1.2.3_5'], ['1.2.4', '1.2.3-rc.1']],
    ['>=1.0.0 <2.0.0', ['1.0.0', '1.9.9', '1.5.0-rc.1'], ['0.9.9', '2.0.0', '1.0.0-rc.1']],
    ['>=1.0.0 <2.0.0-0', ['1.9.9'], ['2.0.0-rc.1']],
    ['1.x', ['1.0.0', '1.0.0-rc.1', '1.9.9'], ['2.0.0', '2.0.0-rc.1', '0.9.9']],
    ['1', ['1.2.3'], ['2.0.0-rc.1']],
    ['<2', ['1.9.9', '0.0.1'], ['2.0.0', '2.0.0-rc.1']],
    ['^1.2', ['1.2.0', '1.2.0-rc.1', '1.9.9'], ['1.1.9', '2.0.0', '2.0.0-rc.1']],
    ['^0.2.3', ['0.2.3', '0.2.9'], ['0.3.0', '0.2.2']],
    ['~1.2.3', ['1.2.3', '1.2.9', '1.2.4-rc.1'], ['1.3.0', '1.2.2', '1.2.3-rc.1']],
    ['1.0.0 - 1.5', ['1.0.0', '1.5.9'], ['1.6.0', '0.9.9']],
    ['1.x || 3.x', ['1.2.3', '3.0.0'], ['2.0.0']],
    ['> 1 < 3', ['2.0.0'], ['1.5.0', '3.0.0']],
    ['v1.2.x', ['1.2.3'], ['1.3.0']],
    ['>=1.0.0 <1.0.0', [], ['1.0.0']],
    // To node-semver nothing is everything; a policy that says nothing is refused before it comes here.
    ['', ['0.0.0', '1.2.3-rc.1'], []],
    ['1.x ||', ['1.2.3', '9.9.9'], []],
  ])('%j has %j and not %j', (range, inside, outside) => {
    const isInside = compileRange(range)
    expect([...inside, ...outside].filter((tag) => isInside(versionOf(tag)))).toEqual(inside)
  })

  // Not ranges.
  test.each(['latest', '1.2 -', '>=1, <2', '>=1 <2 foo', '1.2.3.4', 'v', '>', '01.2.3', '/1/', '=>1'])(
    '%j is refused',
    (range) => {
      expect(refusal(() => compileRange(range))).toBe('is not a version range')
    },
  )
})

describe('compareVersions', () => {
  test('orders as https://semver.org#spec-item-11 does, builds aside', () => {
    const tags = [
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0',
    ]
    const shuffled = [
      '1.0.0',
      '1.0.0-beta.11',
      '1.0.0-alpha.beta',
      '1.0.0-alpha',
      '1.0.0-beta.2',
      '1.0.0-alpha.1',
    ]
    const ordered = shuffled.toSorted((a, b) => compareVersions(versionOf(a), versionOf(b)))
    expect(ordered).toEqual(tags)
    expect(compareVersions(versionOf('1.0.0_1'), versionOf('1.0.0_2'))).toBe(0)
  })

  test('orders numbers as numbers, either way round', () => {
    const numbers = fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30))
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const [one, other] = [versionOf(a.join('.')), versionOf(b.join('.'))]
        const first =
          a.map((part, index) => part - (b[index] ?? 0)).find((difference) => difference !== 0) ?? 0
        expect(compareVersions(one, other)).toBe(Math.sign(first))
        expect(compareVersions(other, one)).toBe(0 - Math.sign(first))
      }),
    )
  })
})
