// Small registries in few words.
import type { Accessory, Artifact, Digest, Inventory, Tag } from '../../src/inventory/types.ts'
import type { Assembled } from '../../src/plan/assemble.ts'
import { decisionOf } from '../../src/plan/verdict.ts'
import { NOW } from '../oracle/arbitrary.ts'

const DAY = 24 * 60 * 60_000

/** The moment so many days ago. */
export function daysAgo(days: number): number {
  return NOW - days * DAY
}

/** The digest that a letter or a pair of hexadecimal digits stands for. */
export function digest(name: string): Digest {
  return `sha256:${name.repeat(64 / name.length)}`
}

/** A tag and how many days ago it was pushed, where that isn't the day of its image. */
type Tags = readonly (string | readonly [name: string, days: number])[]

interface Traits extends Partial<Omit<Artifact, 'digest' | 'tags' | 'children' | 'pushed' | 'pulled'>> {
  readonly tags?: Tags
  /** Letters of the children. */
  readonly children?: string
  /** Days since the push; an old image unless said otherwise. */
  readonly pushed?: number
  /** Days since the last pull. */
  readonly pulled?: number
}

/** An artifact, named by the letter of its digest. */
export function image(name: string, traits: Traits = {}): Artifact {
  const { tags = [], children = '', pushed = 100, pulled, accessories = [], ...others } = traits
  return {
    digest: digest(name),
    type: 'IMAGE',
    size: 1000,
    pushed: daysAgo(pushed),
    pulled: pulled === undefined ? null : daysAgo(pulled),
    created: daysAgo(pushed),
    platforms: ['linux/amd64'],
    labels: [],
    ...others,
    accessories: accessories?.map((accessory) => ({ ...accessory, subject: digest(name) })) ?? null,
    tags: tags.map((tag) => (typeof tag === 'string' ? tagged(tag, pushed) : tagged(...tag))),
    children: children.split('').map(digest),
  }
}

function tagged(name: string, days: number): Tag {
  return { name, pushed: daysAgo(days), pulled: null, immutable: false }
}

/** A signature that Harbor keeps with its image, whichever that is. */
export function signature(name: string): Accessory {
  return {
    digest: digest(name),
    subject: digest('0'),
    type: 'signature.cosign',
    size: 100,
    tags: [],
    children: [],
  }
}

/** The same as an index that holds others, named by the letters of their digests. */
export function indexAccessory(name: string, children: string): Accessory {
  return { ...signature(name), type: 'subject.accessory', children: children.split('').map(digest) }
}

/** Cosign's tag about an image. */
export function about(name: string, kind: 'sig' | 'att' | 'sbom'): string {
  return `${digest(name).replace(':', '-')}.${kind}`
}

/** An inventory of repositories by their full names. */
export function registry(
  repositories: Readonly<Record<string, readonly Artifact[]>>,
  { missing = '', ...others }: Partial<Inventory> & { readonly missing?: string } = {},
): Inventory {
  const names = Object.keys(repositories).map((name) => name.slice(0, name.indexOf('/')))
  return {
    projects: [...new Set(names)].map((name) => ({ name, proxyCache: false })),
    repositories: Object.entries(repositories).map(([name, artifacts]) => ({
      name,
      project: name.slice(0, name.indexOf('/')),
      artifacts,
      absent: new Set(missing.split('').map(digest)),
    })),
    failures: [],
    ...others,
  }
}

/** The deletes of a plan, a line each: `a with v1, v2 and children b`, `tag v1 of a`. */
export function deletes({ plan }: Assembled): string[] {
  return plan.actions.flatMap((action) => {
    const name = letter(action.digest)
    if (action.kind === 'copy') return []
    if (action.kind === 'delete-tag') return [`tag ${short(action.tag)} of ${name}`]
    const parts = [
      [' with ', action.tags.map(short)],
      [' and children ', action.children.map(letter)],
      [' and accessories ', action.accessories.map(letter)],
    ] as const
    const named = parts.filter(([, items]) => items.length > 0)
    return [name + named.map(([word, items]) => word + items.toSorted().join(', ')).join('')]
  })
}

/** What was decided of each tag, and of each image without one. */
export function decisions({ repositories }: Assembled): Record<string, string> {
  return Object.fromEntries(
    repositories.flatMap(({ units }) =>
      units.map(({ artifact, tag, verdict }) => [
        tag === null ? letter(artifact.digest) : short(tag.name),
        decisionOf(verdict),
      ]),
    ),
  )
}

function letter(of: Digest): string {
  const [, pair = ''] = /^sha256:(..)/.exec(of) ?? []
  return pair.charAt(0) === pair.charAt(1) ? pair.charAt(0) : pair
}

function short(tag: string): string {
  return tag.replace(/^sha256-([0-9a-f]{64})/, (_, hex: string) => letter(`sha256:${hex}`))
}

/** Nothing built in keeps anything, so that only the rules speak. */
export const BARE = 'limits: { keep-per-repository: 0, max-delete-percent: 100 }'

/** Nothing in the way. */
export const DELETE_ALL_TAGS = `
version: 1
rules:
  - { name: all, select: { tags: ["**"] }, delete: always }
${BARE}`

export const DELETE_ALL_UNTAGGED = `
version: 1
rules:
  - { name: leftovers, select: { untagged: true }, delete: always }
${BARE}`

export const DELETE_EVERYTHING = `
version: 1
rules:
  - { name: all, select: { tags: ["**"] }, delete: always }
  - { name: leftovers, select: { untagged: true }, delete: always }
  - { name: orphans, select: { orphans: true }, delete: always }
${BARE}`
