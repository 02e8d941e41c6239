// Small registries in which everything meets everything: few digests, few moments, few names, so that ties, shared
// digests and held children are the rule rather than the exception.
import * as fc from 'fast-check'
import type { Accessory, Artifact, Digest, Inventory, Repository, Tag } from '../../src/inventory/types.ts'
import type { Instant } from '../../src/shared/instant.ts'

/** The moment that everything generated is about. */
export const NOW: Instant = Date.parse('2026-11-21T00:00:00Z')

const HOUR = 60 * 60_000
const DAY = 24 * HOUR

export const PROJECTS = ['team-a', 'team-b']
export const REPOSITORIES = ['team-a/web', 'team-a/web/cache', 'team-a/api', 'team-b/api']
export const LABELS = ['keep', 'temp', 'team/keep']
export const TYPES = ['IMAGE', 'CHART']
export const PLATFORMS =
  'linux/amd64 linux/arm64 linux/arm64/v8 linux/arm/v7 linux/arm/? linux/arm64/?'.split(' ')

export const TAGS = [
  'pr-1 pr-1-a pr-2 pr-x main-1 main-2 main-10 latest v2 20260101 1.2 1.0.0 v1.0.0 1.0.1-rc.1 1.1.0 1.2.0',
  'v1.2.0_build.1 1.2.0_build.2 2.0.0-rc.1 2.0.0 10.0.0 01.0.0 odd__Name.- sha256-abc.sig _',
].flatMap((names) => names.split(' '))

/** A digest for a small number; greater numbers don't give greater digests. */
export function digestOf(number: number): Digest {
  return `sha256:${((number * 37) % 256).toString(16).padStart(2, '0').repeat(32)}`
}

function accessoryDigest(subject: number, nth: number): Digest {
  return digestOf(100 + subject * 3 + nth)
}

/** A tag of cosign's about a digest. */
export function cosignTag(subject: Digest, kind: 'sig' | 'att' | 'sbom'): string {
  return `${subject.replace(':', '-')}.${kind}`
}

const AGES = [-HOUR, 0, HOUR, DAY - 1, DAY, DAY + 1].concat(
  [2, 7, 10, 14, 30, 60, 90, 400].map((days) => days * DAY),
  [7 * DAY - 1, 14 * DAY - 1, 14 * DAY + 1],
)
const instant: fc.Arbitrary<Instant> = fc.constantFrom(...AGES).map((age) => NOW - age)
/** Mostly old enough to go. */
const pushedAt: fc.Arbitrary<Instant> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(14, 30, 30, 60, 90).map((days) => NOW - days * DAY) },
  { weight: 1, arbitrary: instant },
)

function rarely<T>(value: T, otherwise: fc.Arbitrary<T>, weight = 9): fc.Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: otherwise }, { weight: 1, arbitrary: fc.constant(value) })
}

const createdAt: fc.Arbitrary<Instant | null> = rarely<Instant | null>(null, instant, 4)

interface TagSketch {
  readonly name: string
  readonly on: number
  readonly pushed: Instant
  readonly pulled: Instant | null
  readonly immutable: boolean | null
}

const tagTraits = {
  on: fc.nat(9),
  pushed: pushedAt,
  pulled: fc.option(instant, { freq: 2 }),
  immutable: rarely<boolean | null>(null, rarely<boolean | null>(true, fc.constant(false), 15), 25),
}

const ordinaryTags: fc.Arbitrary<TagSketch[]> = fc.uniqueArray(
  fc.record({ name: fc.constantFrom(...TAGS), ...tagTraits }),
  { selector: ({ name }) => name, maxLength: 14, size: '+1' },
)

/** What cosign says of something here, of an accessory, of something that is gone, or of something nobody looked for. */
const cosignTags: fc.Arbitrary<TagSketch[]> = fc.uniqueArray(
  fc
    .record({
      ...tagTraits,
      subject: fc.oneof(
        { weight: 6, arbitrary: fc.nat(9).map(digestOf) },
        { weight: 1, arbitrary: fc.nat(9).map((number) => accessoryDigest(number, 0)) },
        { weight: 2, arbitrary: fc.integer({ min: 20, max: 23 }).map(digestOf) },
        { weight: 1, arbitrary: fc.integer({ min: 30, max: 33 }).map(digestOf) },
      ),
      kind: fc.constantFrom('sig' as const, 'att' as const, 'sbom' as const),
    })
    .map(({ subject, kind, ...tag }) => ({ ...tag, name: cosignTag(subject, kind) })),
  { selector: ({ name }) => name, maxLength: 4 },
)

const accessoryTags: fc.Arbitrary<readonly Tag[] | null> = rarely<readonly Tag[] | null>(
  null,
  fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('attached-1', 'attached-2', cosignTag(digestOf(40), 'sig')),
      pushed: instant,
      pulled: fc.constant(null),
      immutable: fc.constantFrom(false, false, false, true, null),
    }),
    { selector: ({ name }) => name, maxLength: 1 },
  ),
)

/** Of an accessory that is an index. */
const accessoryChildren: fc.Arbitrary<readonly Digest[]> = fc.uniqueArray(fc.nat(9).map(digestOf), {
  minLength: 1,
  maxLength: 2,
})

interface ArtifactSketch extends Omit<Artifact, 'digest' | 'tags' | 'children' | 'accessories' | 'pulled'> {
  readonly pulled: Instant | null
  /** How many places further down each child stands; a child that isn't there is a sparse index's. */
  readonly childOffsets: readonly number[]
  readonly accessories: readonly Omit<Accessory, 'digest' | 'subject'>[] | null
}

const artifactSketch: fc.Arbitrary<ArtifactSketch> = fc.record({
  type: fc.constantFrom('IMAGE', 'IMAGE', 'IMAGE', 'CHART'),
  size: fc.constantFrom(0, 999, 1000, 1024, 500 * 1024 ** 2, 500 * 1024 ** 2 + 1, 2_000_000_000),
  pushed: pushedAt,
  pulled: fc.option(instant, { freq: 2 }),
  created: createdAt,
  platforms: rarely<readonly string[] | null>(null, fc.subarray(PLATFORMS, { maxLength: 2 })),
  labels: rarely<readonly string[] | null>(null, fc.subarray(LABELS)),
  childOffsets: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }) },
  ),
  accessories: rarely<ArtifactSketch['accessories']>(
    null,
    fc.array(
      fc.record({
        type: fc.constantFrom(
          'signature.cosign',
          'signature.notation',
          'sbom.harbor',
          'subject.accessory',
          null,
        ),
        size: fc.constantFrom(10, 2000),
        tags: rarely(null, fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, accessoryTags), 20),
        children: rarely<readonly Digest[] | null>(
          null,
          fc.oneof({ weight: 6, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: accessoryChildren }),
          20,
        ),
      }),
      { maxLength: 2, size: '-1' },
    ),
  ),
})

function repository(name: string): fc.Arbitrary<Repository> {
  return fc
    .record({
      artifacts: fc.array(artifactSketch, { maxLength: 10, size: '+1' }),
      tags: ordinaryTags,
      cosign: fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 2, arbitrary: cosignTags }),
      order: fc.nat(),
      asked: fc.boolean(),
    })
    .map(({ artifacts, tags, cosign, order, asked }) => {
      const placed = place(artifacts, [...tags, ...cosign])
      const split = placed.length === 0 ? 0 : order % placed.length
      return {
        name,
        project: name.slice(0, name.indexOf('/')),
        artifacts: [...placed.slice(split), ...placed.slice(0, split)],
        absent: missing(placed, asked),
      }
    })
}

/** Cosign makes no index. */
function isCosign(tag: string): boolean {
  return tag.startsWith('sha256-')
}

/** What Harbor said it doesn't have; a sparse index's children too, where they were asked for. */
function missing(artifacts: readonly Artifact[], asked: boolean): ReadonlySet<Digest> {
  const there = new Set(artifacts.map(({ digest }) => digest))
  const sparse = artifacts.flatMap(({ children }) => children).filter((digest) => !there.has(digest))
  return new Set([...[20, 21, 22, 23].map(digestOf), ...(asked ? sparse : [])])
}

/** Puts tags and children in their places. A pull of a child counts for its index, as a crawl has it. */
function place(sketches: readonly ArtifactSketch[], tags: readonly TagSketch[]): Artifact[] {
  const placed: Artifact[] = []
  for (const [number, sketch] of [...sketches.entries()].toReversed()) {
    const { childOffsets, accessories, ...fields } = sketch
    const children = childOffsets.map((offset) => digestOf(number + offset))
    const pulls = [
      sketch.pulled,
      ...placed.filter(({ digest }) => children.includes(digest)).map(({ pulled }) => pulled),
    ]
    placed.unshift({
      ...fields,
      digest: digestOf(number),
      pulled: pulls.reduce((a, b) => (a === null || b === null ? (a ?? b) : Math.max(a, b))),
      children,
      tags: tags
        .filter(
          ({ on, name }) => on % sketches.length === number && (children.length === 0 || !isCosign(name)),
        )
        .map(({ name, pushed, pulled, immutable }) => ({ name, pushed, pulled, immutable })),
      accessories:
        accessories?.map((accessory, nth) => ({
          ...accessory,
          digest: accessoryDigest(number, nth),
          subject: digestOf(number),
        })) ?? null,
    })
  }
  return placed
}

/** What a crawl may have read: up to three repositories, which share digests. */
export const inventories: fc.Arbitrary<Inventory> = fc
  .record({
    repositories: fc
      .subarray(REPOSITORIES, { minLength: 1, maxLength: 2 })
      .chain((names) => fc.tuple(...names.map(repository))),
    incomplete: rarely(true, fc.constant(false)),
  })
  .map(({ repositories, incomplete }) => ({
    projects: PROJECTS.map((name) => ({ name, proxyCache: false })),
    repositories,
    failures: incomplete ? [{ where: 'team-b/other', message: 'Harbor answered 500' }] : [],
  }))
