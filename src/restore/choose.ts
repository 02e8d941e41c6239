import type { BinItem } from '../bin/bin.ts'
import type { Digest } from '../inventory/types.ts'
import { nearestNames } from './nearest.ts'

export interface Chosen {
  readonly items: readonly BinItem[]
  /** Whether they were asked for by name. */
  readonly byName: boolean
  /** What is wrong with what was written; nothing is restored then. */
  readonly problems: readonly string[]
  /** Deleted more than once under the name that was written: the last one is put back, and these are not. */
  readonly earlier: readonly string[]
}

/**
 * The items that are asked for.
 *
 * @param items of this Harbor, in the order of the bin
 * @param only `repository:tag`, or `repository@digest` with at least twelve of its digits; everything if empty
 * @param host what people who paste an image's whole name write before it
 */
export function choose(items: readonly BinItem[], only: readonly string[], host: string): Chosen {
  if (only.length === 0) return { items, byName: false, problems: [], earlier: [] }
  const picks = only.map((written) =>
    pick(items, written.startsWith(`${host}/`) ? written.slice(host.length + 1) : written),
  )
  const chosen = new Set(picks.flatMap((each) => each.items))
  return {
    items: items.filter((item) => chosen.has(item) || isUnder(item, chosen)),
    byName: true,
    problems: picks.flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
    earlier: picks.flatMap((each) => each.earlier),
  }
}

/** Whether a tag was chosen whose artifact went later, and by itself: the tag needs it. */
function isUnder(item: BinItem, chosen: ReadonlySet<BinItem>): boolean {
  if (item.manifests.length === 0) return false
  return [...chosen].some(
    ({ repository, digest, manifests }) =>
      manifests.length === 0 && repository === item.repository && digest === item.digest,
  )
}

interface Pick {
  readonly items: readonly BinItem[]
  readonly earlier: readonly string[]
  readonly problem?: string
}

const BY_DIGEST = /^([^@:]+)@(?:sha256:)?([0-9a-f]{1,64})$/
const BY_TAG = /^([^@:]+):([^@:]+)$/

function pick(items: readonly BinItem[], written: string): Pick {
  const [, repository = '', hex = ''] = BY_DIGEST.exec(written) ?? []
  if (repository !== '') return pickDigest(items, written, { repository, hex })
  const [, ofTag = '', tag = ''] = BY_TAG.exec(written) ?? []
  if (ofTag === '') {
    return wrong(`\`only\` has \`${written}\`; write team-a/api:v1.2.0 or team-a/api@sha256:…`)
  }
  const matching = items
    .filter((item) => item.repository === ofTag && item.tags.includes(tag))
    .toSorted((a, b) => a.at - b.at)
  const last = matching.at(-1)
  if (last === undefined) return nothing(items, written)
  const others = new Set(matching.map(({ digest }) => digest).filter((digest) => digest !== last.digest))
  return {
    items: matching.filter(({ digest }) => digest === last.digest),
    earlier: [...others].map((digest) => `${ofTag}@${digest}`),
  }
}

const FEWEST_DIGITS = 12

function pickDigest(
  items: readonly BinItem[],
  written: string,
  { repository, hex }: { readonly repository: string; readonly hex: string },
): Pick {
  if (hex.length < FEWEST_DIGITS) {
    return wrong(`\`only\` has \`${written}\`; give at least ${FEWEST_DIGITS} digits of the digest`)
  }
  const matching = items.filter(
    (item) => item.repository === repository && item.digest.startsWith(`sha256:${hex}`),
  )
  const digests = new Set<Digest>(matching.map(({ digest }) => digest))
  if (digests.size === 0) return nothing(items, written)
  if (digests.size === 1) return { items: matching, earlier: [] }
  const names = [...digests].map((digest) => `\`${digest}\``).join(', ')
  return wrong(`\`only\` has \`${written}\`, which ${digests.size} images begin with: ${names}`)
}

function nothing(items: readonly BinItem[], written: string): Pick {
  const names = items.flatMap(({ repository, digest, tags }) => [
    `${repository}@${digest}`,
    ...tags.map((tag) => `${repository}:${tag}`),
  ])
  const near = nearestNames(written, names).map((name) => `\`${name}\``)
  const hint = near.length === 0 ? '`list: true` shows what is there' : `nearest are ${near.join(', ')}`
  return wrong(`\`only\` has \`${written}\`, and the bin does not; ${hint}`)
}

function wrong(words: string): Pick {
  return { items: [], earlier: [], problem: words }
}
