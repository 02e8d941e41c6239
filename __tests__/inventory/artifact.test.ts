import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { artifact as schema, type ArtifactAnswer } from '../../src/harbor/schemas.ts'
import { accessoriesOf, tagsOf, toArtifact, type Reading } from '../../src/inventory/artifact.ts'
import type { Artifact } from '../../src/inventory/types.ts'
import { isRecord, parseJson } from '../../stand-in/state/json.ts'

function hex(letter: string): string {
  return `sha256:${letter.repeat(64)}`
}

/** Everything is asked for, and each tag's status is in the answer. */
function reading(others: Partial<Reading> = {}): Reading {
  return {
    details: { labels: true, accessories: true },
    created: true,
    immutability: undefined,
    tellsSignatures: true,
    platforms: new Map(),
    ...others,
  }
}

/** What Harbor answers about a plain image, but for some fields. */
function answer(fields: Readonly<Record<string, unknown>> = {}): ArtifactAnswer {
  return v.parse(schema, {
    id: 1,
    type: 'IMAGE',
    digest: hex('a'),
    size: 1000,
    push_time: '2026-11-05T00:00:00.000Z',
    pull_time: '0001-01-01T00:00:00.000Z',
    extra_attrs: { os: 'linux', architecture: 'amd64', created: '2026-01-01T00:00:00Z' },
    references: null,
    tags: null,
    labels: null,
    accessories: null,
    ...fields,
  })
}

/** How an answer is read. */
function read(fields: Readonly<Record<string, unknown>> = {}, others: Partial<Reading> = {}): Artifact {
  return toArtifact(answer(fields), 'team-a/api', reading(others))
}

function child(letter: string, platform: unknown = null): unknown {
  return { child_digest: hex(letter), platform }
}

/** The artifacts that a recorded exchange lists, read. */
function recorded(file: string, others: Partial<Reading> = {}): Artifact[] {
  const recording: unknown = parseJson<unknown>(
    readFileSync(`__tests__/fixtures/harbor/${file}.json`, 'utf8'),
  )
  const body = isRecord(recording) && isRecord(recording['response']) ? recording['response']['body'] : []
  return v.parse(v.array(schema), body).map((each) => toArtifact(each, 'team-a/api', reading(others)))
}

describe('a plain image', () => {
  test('is read without what it does not have', () => {
    expect(read()).toEqual({
      digest: hex('a'),
      type: 'IMAGE',
      size: 1000,
      pushed: Date.UTC(2026, 10, 5),
      pulled: null,
      created: Date.UTC(2026, 0, 1),
      platforms: ['linux/amd64'],
      labels: [],
      tags: [],
      children: [],
      accessories: [],
    })
  })

  test('was pulled when Harbor says so; the year 1 stands for never', () => {
    expect(read({ pull_time: '2026-11-06T08:00:00.500Z' }).pulled).toBe(Date.UTC(2026, 10, 6, 8, 0, 0, 500))
    expect(read({ pull_time: '0001-01-01T00:00:00.000Z' }).pulled).toBeNull()
  })
})

describe('the build time', () => {
  // What Harbor says of it, and what is known then.
  test.each([
    ['2026-01-01T00:00:00Z', Date.UTC(2026, 0, 1)],
    ['2026-01-01T00:00:00.123456789Z', Date.UTC(2026, 0, 1, 0, 0, 0, 123)],
    ['2026-01-01T00:00:00+02:00', Date.UTC(2025, 11, 31, 22)],
    ['1981-01-01T00:00:00Z', Date.UTC(1981, 0, 1)],
    // Reproducible builds.
    ['1980-12-31T23:59:59.999Z', null],
    ['1980-01-01T00:00:01Z', null],
    ['1970-01-01T00:00:00Z', null],
    ['0001-01-01T00:00:00Z', null],
    ['', null],
    ['yesterday', null],
    [null, null],
    [1_767_225_600_000, null],
    [{}, null],
  ])('%j is %p', (created, known) => {
    expect(read({ extra_attrs: { created } }).created).toBe(known)
  })

  test('is unknown where Harbor says nothing, or nobody wants it', () => {
    expect([read({ extra_attrs: null }).created, read({ extra_attrs: {} }).created]).toEqual([null, null])
    expect(read({}, { created: false }).created).toBeNull()
  })
})

describe('the platforms of a single manifest', () => {
  // What Harbor says of it, and the platforms; null: unknown.
  test.each<[attributes: unknown, platforms: readonly string[] | null]>([
    [{ os: 'linux', architecture: 'amd64' }, ['linux/amd64']],
    [{ os: 'windows', architecture: 'amd64' }, ['windows/amd64']],
    // Harbor doesn't keep the variant of a single manifest.
    [{ os: 'linux', architecture: 'arm' }, ['linux/arm/?']],
    [{ os: 'linux', architecture: 'arm64' }, ['linux/arm64/?']],
    [{ os: '', architecture: '' }, null],
    [{ os: 'linux' }, null],
    [{ architecture: 'amd64' }, null],
    [{ os: 5, architecture: null }, null],
    [{}, null],
    [null, null],
  ])('%j: %j', (attributes, platforms) => {
    expect(read({ extra_attrs: attributes }).platforms).toEqual(platforms)
  })

  test('that is no image are none, for certain', () => {
    expect(read({ type: 'CHART', extra_attrs: {} }).platforms).toEqual([])
  })
})

describe('the platforms of an index', () => {
  const AMD64 = { os: 'linux', architecture: 'amd64' }
  const ARM64 = { os: 'linux', architecture: 'arm64', variant: 'v8', OsFeatures: null }
  const ATTESTATION = { os: 'unknown', architecture: 'unknown' }

  // The platforms of its children, and its own.
  test.each<[children: readonly unknown[], platforms: readonly string[] | null]>([
    [[AMD64], ['linux/amd64']],
    [
      [ARM64, AMD64],
      ['linux/amd64', 'linux/arm64/v8'],
    ],
    [[AMD64, AMD64], ['linux/amd64']],
    [
      [AMD64, ATTESTATION, ARM64, ATTESTATION],
      ['linux/amd64', 'linux/arm64/v8'],
    ],
    [[{ os: 'linux', architecture: 'arm', variant: 'v7' }], ['linux/arm/v7']],
    [[{ os: 'linux', architecture: 'arm64', variant: '' }], ['linux/arm64']],
    // Nothing is said: an index in an index.
    [[null], null],
    [[ATTESTATION], null],
    [[{ os: 'linux' }], null],
    [[{}], null],
  ])('of %j: %j', (children, platforms) => {
    const references = children.map((platform, index) => child('bcdef'.charAt(index), platform))
    expect(read({ references }).platforms).toEqual(platforms)
  })

  // What one child is may be what a pattern takes away.
  test('of which one is not told are unknown', () => {
    expect(read({ references: [child('b', AMD64), child('c')] }).platforms).toBeNull()
  })

  test('are one list for all that have the same, in whatever order their children are', () => {
    const platforms = new Map<string, readonly string[]>()
    const one = read({ references: [child('b', AMD64), child('c', ARM64)] }, { platforms })
    const same = read({ references: [child('d', AMD64), child('e', ARM64)] }, { platforms })
    const turned = read({ references: [child('c', ARM64), child('b', AMD64)] }, { platforms })
    expect(same.platforms).toBe(one.platforms)
    expect(turned.platforms).toEqual(one.platforms)
  })
})

describe('labels', () => {
  test('are none when they were asked for and Harbor lists none, and unknown when they were not', () => {
    const details = { labels: false, accessories: true }
    expect([read({ labels: null }).labels, read({ labels: [] }).labels, read({}).labels]).toEqual([
      [],
      [],
      [],
    ])
    expect(read({ labels: null }, { details }).labels).toBeNull()
    expect(read({ labels: [{ name: 'keep' }] }, { details }).labels).toBeNull()
  })

  test('are told by name', () => {
    expect(read({ labels: [{ name: 'keep', id: 1 }, { name: 'a|`b' }] }).labels).toEqual(['keep', 'a|`b'])
  })
})

describe('children', () => {
  test('are told once each, in their order', () => {
    const references = ['c', 'b', 'c'].map((letter) => child(letter))
    expect(read({ references }).children).toEqual([hex('c'), hex('b')])
  })
})

describe('tags', () => {
  const TAG = { name: 'v1', push_time: '2026-11-05T00:00:01Z', pull_time: '0001-01-01T00:00:00Z' }

  // Whether the answer says that a tag is immutable, and what is known then without rules.
  test.each([
    [true, true],
    [false, false],
    [null, null],
    [undefined, null],
  ])('whose status is %p in the answer: %p', (immutable, known) => {
    const [tag] = tagsOf(answer({ tags: [{ ...TAG, immutable }] }))
    expect(tag).toEqual({
      name: 'v1',
      pushed: Date.UTC(2026, 10, 5, 0, 0, 1),
      pulled: null,
      immutable: known,
    })
  })

  // What the rules say counts, whatever the answer says.
  test.each([true, false, null])('whose status by the rules is %p', (immutable) => {
    const asked: string[] = []
    const immutability = (repository: string, tag: string): boolean | null => {
      asked.push(`${repository}:${tag}`)
      return immutable
    }
    const tags = [{ ...TAG, immutable: true }]
    expect(read({ tags }, { immutability }).tags.map((tag) => tag.immutable)).toEqual([immutable])
    expect(asked).toEqual(['team-a/api:v1'])
  })
})

describe('accessories', () => {
  const ACCESSORIES = ['signature.cosign', 'subject.accessory', 'sbom.harbor'].map((type, index) => ({
    digest: hex('bcd'.charAt(index)),
    type,
    size: 100,
  }))

  test('are unknown where they were not asked for', () => {
    const details = { labels: true, accessories: false }
    expect(read({ accessories: null }, { details }).accessories).toBeNull()
    expect(read({ accessories: ACCESSORIES }, { details }).accessories).toBeNull()
  })

  test('have the type that Harbor says, and tags that nobody has read', () => {
    expect(accessoriesOf(answer({ accessories: ACCESSORIES }), { tellsSignatures: true })).toEqual([
      {
        digest: hex('b'),
        subject: hex('a'),
        type: 'signature.cosign',
        size: 100,
        tags: null,
        children: null,
      },
      {
        digest: hex('c'),
        subject: hex('a'),
        type: 'subject.accessory',
        size: 100,
        tags: null,
        children: null,
      },
      { digest: hex('d'), subject: hex('a'), type: 'sbom.harbor', size: 100, tags: null, children: null },
    ])
  })

  test('of a Harbor that calls signatures by the word for everything have no type by that word', () => {
    const types = accessoriesOf(answer({ accessories: ACCESSORIES }), { tellsSignatures: false })
    expect(types.map(({ type }) => type)).toEqual(['signature.cosign', null, 'sbom.harbor'])
  })
})

describe('recorded answers', () => {
  test('of an index with three platforms and their attestations', () => {
    const index = recorded('recordings/031-artifacts-index-and-children').find(
      ({ children }) => children.length > 0,
    )
    expect(index?.platforms).toEqual(['linux/amd64', 'linux/arm/v7', 'linux/arm64/v8'])
    expect(index?.children).toHaveLength(6)
    expect(index?.created).toBeNull()
  })

  test('of an index in an index: its platforms are not known', () => {
    const indexes = recorded('recordings-2/031-nested-index-listed').filter(
      ({ children }) => children.length > 0,
    )
    expect(indexes.map(({ platforms }) => platforms)).toEqual([null, ['linux/amd64']])
  })

  test('of charts: they have no platform', () => {
    for (const { type, platforms } of recorded('recordings/033-artifacts-charts')) {
      expect([type, platforms]).toEqual(['CHART', []])
    }
  })

  test('with the status of each tag', () => {
    const tags = recorded('recordings/034-artifacts-immutable').flatMap((artifact) => artifact.tags)
    expect(Object.fromEntries(tags.map(({ name, immutable }) => [name, immutable]))).toEqual({
      'nightly-1': false,
      'nightly-2': false,
      'nightly-3': false,
      'nightly-same-as-release-1': false,
      'release-1': true,
      'release-2': true,
    })
  })
})
