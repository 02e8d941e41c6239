// The index of referrers that clients keep where a registry doesn't: what is added, and what never changes.
import { describe, expect, test } from '@jest/globals'
import { referrersTag } from '../../src/registry/digest.ts'
import { referrersIn, withReferrers, type Stored } from '../../src/registry/referrers.ts'
import { digestOf, image, INDEX, referrer } from './images.ts'

const SUBJECT = image('subject')
const ONE = referrer(SUBJECT, 'one').descriptor
const TWO = referrer(SUBJECT, 'two').descriptor

function stored(content: unknown, mediaType = INDEX): Stored {
  const bytes = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))
  return { bytes, mediaType, digest: digestOf(bytes) }
}

/** With fields in their order. */
function written(kept: Stored, ...added: readonly (typeof ONE)[]): string {
  return String(withReferrers(kept, SUBJECT.digest, added))
}

function merged(kept: Stored | undefined, ...added: readonly (typeof ONE)[]): unknown {
  const result = withReferrers(kept, SUBJECT.digest, added)
  return typeof result === 'string' ? result : JSON.parse(result.toString())
}

test.each([
  [`sha256:${'a'.repeat(64)}`, `sha256-${'a'.repeat(64)}`],
  [`sha512:${'b'.repeat(128)}`, `sha512-${'b'.repeat(64)}`],
  [`${'x'.repeat(40)}+b64u:aB=c${'-'.repeat(70)}`, `${'x'.repeat(32)}-aB-c${'-'.repeat(60)}`],
])('the tag of %s', (digest, tag) => {
  expect(referrersTag(digest)).toBe(tag)
})

describe('adding', () => {
  test('to nothing', () => {
    expect(merged(undefined, ONE)).toEqual({ schemaVersion: 2, mediaType: INDEX, manifests: [ONE] })
  })

  test('to an empty one', () => {
    const empty = { schemaVersion: 2, mediaType: INDEX, manifests: null }
    expect(merged(stored(empty), ONE)).toEqual({ ...empty, manifests: [ONE] })
  })

  test('keeps what others wrote as they wrote it, also what nobody knows here', () => {
    const theirs = {
      annotations: { 'org.example.by': 'others' },
      mediaType: INDEX,
      schemaVersion: 2,
      artifactType: 'application/vnd.example',
      manifests: [
        {
          digest: digestOf(Buffer.from('theirs')),
          data: 'e30=',
          size: 2,
          platform: { os: 'plan9' },
          extra: [1],
        },
        { ...ONE, annotations: { other: 'words' } },
        { ...ONE, annotations: { 'written twice': '' } },
      ],
      extra: null,
    }
    expect(written(stored(theirs), ONE, TWO, TWO)).toBe(
      JSON.stringify({ ...theirs, manifests: [...theirs.manifests, TWO] }),
    )
  })

  test('nothing where nothing is missing', () => {
    const all = stored({ schemaVersion: 2, mediaType: INDEX, manifests: [TWO, ONE] })
    expect([merged(all, ONE), merged(all, ONE, TWO), merged(all), merged(undefined)]).toEqual([
      'same',
      'same',
      'same',
      'same',
    ])
  })

  test.each<readonly [string, Stored]>([
    ['an image', stored({ schemaVersion: 2, config: {}, layers: [] }, SUBJECT.mediaType)],
    ['an index that can’t be read', stored('{"schemaVersion":2')],
    ['an index of another version', stored({ schemaVersion: 3, manifests: [] })],
    ['an entry without a digest', stored({ schemaVersion: 2, manifests: [{ mediaType: INDEX, size: 1 }] })],
    [
      'a list of Docker’s',
      stored(
        { schemaVersion: 2, manifests: [] },
        'application/vnd.docker.distribution.manifest.list.v2+json',
      ),
    ],
    ['the subject itself', { ...stored({ schemaVersion: 2, manifests: [] }), digest: SUBJECT.digest }],
  ])('never to %s', (_what, kept) => {
    expect(merged(kept, ONE)).toBe('other')
  })
})

describe('reading', () => {
  test('what is used of each', () => {
    const manifests = [
      { ...ONE, data: 'e30=' },
      { ...TWO, artifactType: undefined, annotations: null },
    ]
    expect(referrersIn(stored({ schemaVersion: 2, manifests }), SUBJECT.digest)).toEqual([
      ONE,
      { mediaType: TWO.mediaType, digest: TWO.digest, size: TWO.size },
    ])
  })

  test.each<readonly [string, Stored]>([
    ['an image', stored({ schemaVersion: 2, manifests: [ONE] }, SUBJECT.mediaType)],
    ['what is no JSON', stored('<html>')],
    ['the subject, an index', { ...stored({ schemaVersion: 2, manifests: [ONE] }), digest: SUBJECT.digest }],
  ])('nothing in %s', (_what, kept) => {
    expect(referrersIn(kept, SUBJECT.digest)).toEqual([])
  })
})
