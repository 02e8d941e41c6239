import { crawl } from '../crawl/crawl.ts'
import { ManifestReader } from '../crawl/manifests.ts'
import { withNestedAccessories } from '../crawl/nested.ts'
import { HarborError } from '../harbor/errors.ts'
import type { Harbor } from '../harbor/harbor.ts'
import type { Settings } from '../inputs/settings.ts'
import type { Digest, Inventory, Repository } from '../inventory/types.ts'
import type { Compared } from '../plan/compare.ts'
import type { Effect } from '../plan/effect.ts'
import { bytesAtMost, goingDigests, reclaimableBytes, stayingDigests } from '../plan/reclaim.ts'
import type { Plan, PlanTotals } from '../plan/types.ts'
import { EVERYTHING } from '../policy/needs.ts'
import type { Host } from '../shells/host.ts'
import type { Inventories } from './both.ts'

type Sizes = Pick<PlanTotals, 'sizes' | 'reclaimableBytes'>

export interface Counting {
  readonly harbor: Harbor
  readonly version: string
  readonly settings: Settings
  readonly host: Host
}

/** What is deleted, by repository, out of what. */
interface Deleting {
  readonly inventory: Inventory
  readonly going: ReadonlyMap<string, ReadonlySet<Digest>>
}

/** The plan with what its deletes free, as closely as the settings ask for. */
export async function withSizes(plan: Plan, inventory: Inventory, counting: Counting): Promise<Plan> {
  const [sizes] = await sizesOf([{ inventory, going: goingDigests(plan.actions) }], counting)
  return { ...plan, totals: { ...plan.totals, ...sizes } }
}

/** The same of a plan and of the one before an edit, counted in the same way. */
export async function withSizesOfBoth(
  plan: Plan,
  { effect, going }: Compared,
  inventories: Inventories,
  counting: Counting,
): Promise<{ readonly plan: Plan; readonly effect: Effect }> {
  const [after, before] = await sizesOf(
    [
      { inventory: inventories.after, going: goingDigests(plan.actions) },
      { inventory: inventories.before, going },
    ],
    counting,
  )
  const former = effect.before && { ...effect.before, totals: { ...effect.before.totals, ...before } }
  return {
    plan: { ...plan, totals: { ...plan.totals, ...after } },
    effect: { ...effect, before: former },
  }
}

async function sizesOf(all: readonly Deleting[], counting: Counting): Promise<readonly Sizes[]> {
  const { sizes } = counting.settings
  if (sizes === 'off') return all.map(() => ({ sizes: 'off', reclaimableBytes: null }))
  const counted = sizes === 'exact' ? await countExactly(all, counting) : undefined
  return (
    counted ??
    all.map(({ inventory, going }) => ({
      sizes: 'estimate',
      reclaimableBytes: bytesAtMost(inventory.repositories, going),
    }))
  )
}

/** Counts blob by blob over the whole registry, since blobs are shared across it; undefined when it can't be counted. */
async function countExactly(
  all: readonly Deleting[],
  { harbor, version, settings, host }: Counting,
): Promise<readonly Sizes[] | undefined> {
  if (all.every(({ going }) => going.size === 0)) {
    return all.map(() => ({ sizes: 'exact', reclaimableBytes: 0 }))
  }
  const { concurrency, workDir } = settings
  host.progress('sizes: reading which artifacts there are in the whole registry')
  const { inventory } = await crawl(harbor, EVERYTHING, { version, concurrency })
  const { failures } = inventory
  if (failures.length > 0) {
    host.warn(`sizes are estimated: ${failures[0]?.where ?? ''} was not read: ${failures[0]?.message ?? ''}`)
    return undefined
  }
  try {
    const repositories: Repository[] = []
    for (const repository of inventory.repositories) {
      repositories.push(await withNestedAccessories(harbor, repository, concurrency))
    }
    const wanted = new Map(all.flatMap(({ going }) => [...manifestsOf(repositories, going)]))
    const reader = new ManifestReader(harbor, workDir)
    const content = await reader.read(wanted, concurrency, (read, of) => {
      if (read % 500 === 0) host.progress(`sizes: ${read} of ${of} manifests read`)
    })
    const counted = all.map(({ going }) => {
      const digests = new Set([...going.values()].flatMap((each) => [...each]))
      return reclaimableBytes(digests, stayingDigests(repositories, going), (digest) => content.get(digest))
    })
    if (counted.every((bytes) => bytes !== null)) {
      return counted.map((bytes) => ({ sizes: 'exact', reclaimableBytes: bytes }))
    }
    host.warn('sizes are estimated: there are manifests that do not say how large their layers are')
  } catch (error) {
    if (!(error instanceof HarborError)) throw error
    host.warn(`sizes are estimated: ${error.message}`)
  }
  return undefined
}

/** Every manifest that is there, with a repository that has it. */
function manifestsOf(
  repositories: readonly Repository[],
  going: ReadonlyMap<string, ReadonlySet<Digest>>,
): ReadonlyMap<Digest, string> {
  const wanted = new Map<Digest, string>()
  for (const { name, artifacts } of repositories) {
    for (const { digest, accessories } of artifacts) {
      wanted.set(digest, name)
      for (const accessory of accessories ?? []) wanted.set(accessory.digest, name)
    }
  }
  for (const [name, digests] of going) for (const digest of digests) wanted.set(digest, name)
  return wanted
}
