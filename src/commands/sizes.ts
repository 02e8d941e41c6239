import { crawl } from '../crawl/crawl.ts'
import { ManifestReader } from '../crawl/manifests.ts'
import { withNestedAccessories } from '../crawl/nested.ts'
import { HarborError } from '../harbor/errors.ts'
import type { Harbor } from '../harbor/harbor.ts'
import type { Settings } from '../inputs/settings.ts'
import type { Digest, Inventory, Repository } from '../inventory/types.ts'
import { bytesAtMost, goingDigests, reclaimableBytes, stayingDigests } from '../plan/reclaim.ts'
import type { Plan, PlanTotals } from '../plan/types.ts'
import { EVERYTHING } from '../policy/needs.ts'
import type { Host } from '../shells/host.ts'

type Sizes = Pick<PlanTotals, 'sizes' | 'reclaimableBytes'>

export interface Counting {
  readonly harbor: Harbor
  readonly version: string
  readonly settings: Settings
  readonly host: Host
}

/** The plan with what its deletes free, as closely as the settings ask for. */
export async function withSizes(plan: Plan, inventory: Inventory, counting: Counting): Promise<Plan> {
  const { sizes } = counting.settings
  const estimate = (): Sizes => ({
    sizes: 'estimate',
    reclaimableBytes: bytesAtMost(inventory.repositories, goingDigests(plan.actions)),
  })
  const none: Sizes = { sizes: 'off', reclaimableBytes: null }
  const known =
    sizes === 'off' ? none : (sizes === 'exact' && (await countExactly(plan, counting))) || estimate()
  return { ...plan, totals: { ...plan.totals, ...known } }
}

/** Counts blob by blob over the whole registry, since blobs are shared across it; undefined when it can't be counted. */
async function countExactly(
  plan: Plan,
  { harbor, version, settings, host }: Counting,
): Promise<Sizes | undefined> {
  const going = goingDigests(plan.actions)
  if (going.size === 0) return { sizes: 'exact', reclaimableBytes: 0 }
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
    const staying = stayingDigests(repositories, going)
    const wanted = manifestsOf(repositories, going)
    const reader = new ManifestReader(harbor, workDir)
    const content = await reader.read(wanted, concurrency, (read, all) => {
      if (read % 500 === 0) host.progress(`sizes: ${read} of ${all} manifests read`)
    })
    const digests = new Set([...going.values()].flatMap((each) => [...each]))
    const bytes = reclaimableBytes(digests, staying, (digest) => content.get(digest))
    if (bytes !== null) return { sizes: 'exact', reclaimableBytes: bytes }
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
