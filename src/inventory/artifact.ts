import type { ArtifactAnswer } from '../harbor/schemas.ts'
import type { Instant } from '../shared/instant.ts'
import type { Immutability } from './immutable.ts'
import type { Accessory, Artifact, Digest, Tag } from './types.ts'

/** How Harbor's answers about a project are to be read. */
export interface Reading {
  /** Which details were asked for: of the others, nothing is known. */
  readonly details: { readonly labels: boolean; readonly accessories: boolean }
  /** Whether build times are wanted. */
  readonly created: boolean
  /** The project's immutable rules; undefined where the answers have each tag's status instead. */
  readonly immutability: Immutability | undefined
  /** Whether this Harbor tells cosign's bundles from other referrers (since 2.15). */
  readonly tellsSignatures: boolean
  /** Lists of platforms that other artifacts have too: there are few, and a million artifacts. */
  readonly platforms: Map<string, readonly string[]>
}

type ExtraAttributes = ArtifactAnswer['extra_attrs']

const YEAR_1981 = Date.UTC(1981, 0)
const NONE: readonly never[] = []

/** Turns Harbor's answer into an artifact, keeping no more than what is decided by. */
export function toArtifact(answer: ArtifactAnswer, repository: string, reading: Reading): Artifact {
  const { details, immutability } = reading
  return {
    digest: answer.digest,
    type: answer.type,
    size: answer.size,
    pushed: answer.push_time,
    pulled: answer.pull_time,
    created: reading.created ? createdOf(answer.extra_attrs) : null,
    platforms: platformsOf(answer, reading.platforms),
    labels: details.labels ? listOf(answer.labels ?? NONE, ({ name }) => name) : null,
    tags: tagsOf(answer, immutability && ((tag) => immutability(repository, tag))),
    children: childrenOf(answer),
    accessories: details.accessories ? accessoriesOf(answer, reading) : null,
  }
}

/**
 * The tags of an answer.
 *
 * @param isImmutable tells each tag's status; without it, the answer has to
 */
export function tagsOf(
  { tags }: ArtifactAnswer,
  isImmutable?: (tag: string) => boolean | null,
): readonly Tag[] {
  return listOf(tags, ({ name, push_time, pull_time, immutable = null }) => ({
    name,
    pushed: push_time,
    pulled: pull_time,
    immutable: isImmutable === undefined ? immutable : isImmutable(name),
  }))
}

/** The accessories of an answer, which has neither their tags nor their children. */
export function accessoriesOf(
  { digest: subject, accessories }: ArtifactAnswer,
  { tellsSignatures }: Pick<Reading, 'tellsSignatures'>,
): readonly Accessory[] {
  return listOf(accessories ?? NONE, ({ digest, type, size }) => ({
    digest,
    subject,
    type: type === 'subject.accessory' && !tellsSignatures ? null : type,
    size,
    tags: null,
    children: null,
  }))
}

/** Most lists of most artifacts are empty, and one empty list is enough. */
function listOf<From, To>(items: readonly From[], make: (item: From) => To): readonly To[] {
  return items.length === 0 ? NONE : items.map(make)
}

/** The children of an answer about an index, each once. */
export function childrenOf({ references }: ArtifactAnswer): readonly Digest[] {
  if (references.length === 0) return NONE
  return [...new Set(references.map(({ child_digest }) => child_digest))]
}

/** Reproducible builds set a time around 1970 or 1980, which says nothing. */
function createdOf({ created }: ExtraAttributes): Instant | null {
  const instant = typeof created === 'string' ? Date.parse(created) : Number.NaN
  return instant >= YEAR_1981 ? instant : null
}

/** Architectures that come in variants, which Harbor doesn't keep of a single manifest (src/controller/artifact/processor). */
const VARYING = new Set(['arm', 'arm64'])

/** Of an index its children's, attestations (`unknown/unknown`) aside; null where not all is said. */
function platformsOf(
  { references, extra_attrs: extra, type }: ArtifactAnswer,
  known: Reading['platforms'],
): readonly string[] | null {
  const all = references.length === 0 ? [ofManifest(extra)] : references.map(ofChild)
  if (all.includes('')) return type === 'IMAGE' ? null : NONE
  const names = all.filter((name) => name !== 'unknown/unknown')
  if (names.length === 0) return type === 'IMAGE' ? null : NONE
  const key = names.join(' ')
  const list = known.get(key) ?? [...new Set(names)].toSorted()
  known.set(key, list)
  return list
}

function ofChild({ platform }: ArtifactAnswer['references'][number]): string {
  const { os = '', architecture = '', variant = '' } = platform ?? {}
  if (os === '' || architecture === '') return ''
  return `${os}/${architecture}${variant === '' ? '' : `/${variant}`}`
}

function ofManifest({ os, architecture }: ExtraAttributes): string {
  if (typeof os !== 'string' || typeof architecture !== 'string' || os === '' || architecture === '') {
    return ''
  }
  return `${os}/${architecture}${VARYING.has(architecture) ? '/?' : ''}`
}
