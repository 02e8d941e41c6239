import { describe, expect, test } from '@jest/globals'
import type { Accessory, Artifact } from '../../src/inventory/types.ts'
import { selectsUnit } from '../../src/plan/select.ts'
import type { Unit } from '../../src/plan/unit.ts'
import { about, digest, signature } from './registry.ts'
import { image, selectOf, taggedUnit, treeOf, untaggedUnit } from './unit-of.ts'

/** Whether a select holds, for what may delete and for what keeps; they differ where something is not known. */
type Answer = 'yes' | 'no' | 'unknown'

function answer(select: string, unit: Unit, artifacts: readonly Artifact[] = []): Answer {
  const tree = treeOf(artifacts)
  const [deleting, keeping] = [false, true].map((ifUnknown) =>
    selectsUnit(selectOf(select), unit, tree, ifUnknown),
  )
  if (deleting === keeping) return deleting === true ? 'yes' : 'no'
  return deleting === true ? 'no' : 'unknown'
}

describe('tags, versions and prereleases', () => {
  // What is selected, and of some tags those that it holds for.
  const TAGS = ['v1.2.3', '1.3.0-rc.1', '2.0.0_5', '1.2', 'latest']

  test.each([
    ['{ tags: ["**"] }', TAGS],
    ['{ tags: ["*.*"] }', ['v1.2.3', '1.3.0-rc.1', '2.0.0_5', '1.2']],
    ['{ tags: ["*", "!*rc*"] }', ['v1.2.3', '2.0.0_5', '1.2', 'latest']],
    ['{ semver: "*" }', ['v1.2.3', '1.3.0-rc.1', '2.0.0_5']],
    ['{ semver: "1.x" }', ['v1.2.3', '1.3.0-rc.1']],
    ['{ prerelease: true }', ['1.3.0-rc.1']],
    // What is no version is neither.
    ['{ prerelease: false }', ['v1.2.3', '2.0.0_5']],
    ['{ semver: "1.x", prerelease: false, tags: ["v*"] }', ['v1.2.3']],
    ['{ size: ">0B" }', TAGS],
  ])('%s', (select, tags) => {
    expect(TAGS.filter((tag) => answer(select, taggedUnit(tag)) === 'yes')).toEqual(tags)
    expect(TAGS.filter((tag) => answer(select, taggedUnit(tag)) === 'unknown')).toEqual([])
  })
})

describe('families', () => {
  // What is selected, and whether it holds for a tag, for an artifact without one.
  test.each<[select: string, tagged: Answer, untagged: Answer]>([
    ['{ size: ">0B" }', 'yes', 'no'],
    ['{ untagged: true }', 'no', 'yes'],
    ['{ untagged: true, labels: [keep] }', 'no', 'no'],
    ['{ orphans: true }', 'no', 'no'],
  ])('%s: of a tag %s, of an artifact without one %s', (select, tagged, untagged) => {
    expect([answer(select, taggedUnit('v1')), answer(select, untaggedUnit())]).toEqual([tagged, untagged])
  })

  test('a select without one, as protections have, holds for both', () => {
    const { family: _, ...select } = selectOf('{ size: ">0B" }')
    for (const unit of [taggedUnit('v1'), untaggedUnit()]) {
      expect(selectsUnit(select, unit, treeOf(), false)).toBe(true)
    }
    const tags = { ...select, ...selectOf('{ tags: ["**"] }') }
    expect(selectsUnit({ ...tags, family: 'untagged' }, untaggedUnit(), treeOf(), true)).toBe(false)
  })
})

describe('labels', () => {
  test.each<[select: string, labels: readonly string[] | null, answered: Answer]>([
    ['{ labels: [keep] }', ['keep'], 'yes'],
    ['{ labels: [keep] }', ['temp', 'keep'], 'yes'],
    ['{ labels: [keep] }', ['temp'], 'no'],
    ['{ labels: [keep] }', [], 'no'],
    ['{ labels: ["**"] }', [], 'no'],
    ['{ labels: ["*", "!keep"] }', ['temp', 'keep'], 'no'],
    ['{ labels: [keep] }', null, 'unknown'],
    ['{ labels: ["*", "!keep"] }', null, 'unknown'],
    // What is known settles it.
    ['{ labels: [keep], tags: ["x*"] }', null, 'no'],
    ['{ labels: [keep], types: [CHART] }', null, 'no'],
  ])('%s of an image with %j: %s', (select, labels, answered) => {
    expect(answer(select, taggedUnit('v1', { labels }))).toBe(answered)
  })
})

describe('types and sizes', () => {
  test.each<[select: string, on: Partial<Artifact>, answered: Answer]>([
    ['{ types: [IMAGE] }', { type: 'IMAGE' }, 'yes'],
    ['{ types: [IMAGE] }', { type: 'CHART' }, 'no'],
    ['{ types: ["*", "!CHART"] }', { type: 'CNAB' }, 'yes'],
    ['{ types: [image] }', { type: 'IMAGE' }, 'no'],
    ['{ size: ">1kB" }', { size: 1000 }, 'no'],
    ['{ size: ">=1kB" }', { size: 1000 }, 'yes'],
    ['{ size: "<1kB" }', { size: 1000 }, 'no'],
    ['{ size: "<=1kB" }', { size: 1000 }, 'yes'],
    ['{ size: ">1kB" }', { size: 1001 }, 'yes'],
    ['{ size: "<1kB" }', { size: 999 }, 'yes'],
    ['{ size: "<1kB" }', { size: 0 }, 'yes'],
  ])('%s of %j: %s', (select, on, answered) => {
    expect(answer(select, taggedUnit('v1', on))).toBe(answered)
  })
})

describe('platforms', () => {
  const [AMD64, ARM64, ARM7] = ['linux/amd64', 'linux/arm64/v8', 'linux/arm/v7']

  // Patterns, platforms of an image (null: unknown; `/?`: of a variant that isn't known), and whether they hold.
  test.each<[patterns: string, platforms: readonly string[] | null, answered: Answer]>([
    ['[linux/amd64]', [AMD64], 'yes'],
    ['[linux/amd64]', [ARM64], 'no'],
    ['[linux/amd64]', [AMD64, ARM64], 'yes'],
    ['["linux/*", "!linux/arm64"]', [AMD64, ARM64], 'no'],
    ['["linux/*", "!linux/arm64"]', [AMD64, ARM7], 'yes'],
    ['["**"]', [], 'no'],
    ['["**"]', null, 'unknown'],
    // Without a variant any is meant.
    ['[linux/arm64]', [ARM64], 'yes'],
    ['[linux/arm64/v8]', [ARM64], 'yes'],
    ['[linux/arm64/v9]', [ARM64], 'no'],
    ['[linux/arm]', [ARM7], 'yes'],
    ['[linux/arm/v7]', ['linux/arm'], 'no'],
    ['[linux/arm64]', ['linux/arm64'], 'yes'],
    ['["linux/*"]', [ARM7], 'yes'],
    ['["**", "!linux/arm"]', [ARM7], 'no'],
    // Where the variant isn't known.
    ['[linux/arm]', ['linux/arm/?'], 'yes'],
    ['["linux/*"]', ['linux/arm/?'], 'yes'],
    ['["**"]', ['linux/arm/?'], 'yes'],
    ['[linux/amd64]', ['linux/arm/?'], 'no'],
    ['[linux/arm/v7]', ['linux/arm/?'], 'unknown'],
    ['["**", "!linux/arm/v7"]', ['linux/arm/?'], 'unknown'],
    ['["**", "!linux/arm"]', ['linux/arm/?'], 'no'],
    ['[linux/arm/v7, linux/amd64]', ['linux/arm/?', AMD64], 'yes'],
  ])('%s of an image for %j: %s', (patterns, platforms, answered) => {
    expect(answer(`{ platforms: ${patterns} }`, taggedUnit('v1', { platforms }))).toBe(answered)
  })

  // There may be no variant at all, or one that nobody has heard of.
  test.each([
    ['["linux/arm64/*"]', 'linux/arm64/?'],
    ['["linux/arm/v*"]', 'linux/arm/?'],
    ['["/v[5-9]$/"]', 'linux/arm/?'],
  ])('%s of an image for %j: unknown', (patterns, platform) => {
    expect(answer(`{ platforms: ${patterns} }`, taggedUnit('v1', { platforms: [platform] }))).toBe('unknown')
  })
})

describe('signed', () => {
  function accessory(type: string | null): Accessory {
    return { ...signature('b'), subject: digest('a'), type }
  }

  const nested = (type: string | null): Accessory => ({ ...accessory(type), subject: digest('c') })

  // The accessories of an image (null: unknown), and whether it is signed.
  test.each<[accessories: readonly Accessory[] | null, signed: Answer, unsigned: Answer]>([
    [[accessory('signature.cosign')], 'yes', 'no'],
    [[accessory('signature.notation')], 'yes', 'no'],
    [[accessory('sbom.harbor'), accessory('signature.cosign')], 'yes', 'no'],
    [[accessory(null), accessory('signature.cosign')], 'yes', 'no'],
    [[accessory('sbom.harbor'), accessory('subject.accessory')], 'no', 'yes'],
    [[], 'no', 'yes'],
    // What hangs on something that hangs on it.
    [[accessory('sbom.harbor'), nested('signature.cosign')], 'no', 'yes'],
    [[nested(null)], 'no', 'yes'],
    // What may be a signature.
    [[accessory(null)], 'unknown', 'unknown'],
    [null, 'unknown', 'unknown'],
  ])('with %j: %s', (accessories, signed, unsigned) => {
    const unit = taggedUnit('v1', { accessories })
    expect([answer('{ signed: true }', unit), answer('{ signed: false }', unit)]).toEqual([signed, unsigned])
  })

  // A tag of cosign's about it, and whether it is signed by that.
  test.each<[kind: 'sig' | 'att' | 'sbom', signed: Answer]>([
    ['sig', 'yes'],
    ['att', 'no'],
    ['sbom', 'no'],
  ])('by a .%s tag: %s', (kind, signed) => {
    const unit = taggedUnit('v1')
    const signer = image('b', { tags: [about('a', kind)] })
    expect(answer('{ signed: true }', unit, [unit.artifact, signer])).toBe(signed)
  })

  test('by a .sig tag, whatever is not known of accessories', () => {
    const unit = taggedUnit('v1', { accessories: null })
    const signer = image('b', { tags: [about('a', 'sig')] })
    expect(answer('{ signed: true }', unit, [unit.artifact, signer])).toBe('yes')
  })
})
