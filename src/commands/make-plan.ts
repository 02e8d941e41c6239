import { crawl, type Crawled } from '../crawl/crawl.ts'
import type { Settings } from '../inputs/settings.ts'
import type { Digest, Repository } from '../inventory/types.ts'
import { assemblePlan, type Assembled, type Circumstances } from '../plan/assemble.ts'
import { comparePlans } from '../plan/compare.ts'
import type { Effect } from '../plan/effect.ts'
import { needsOf, unionOf, type Needs } from '../policy/needs.ts'
import type { Policy } from '../policy/types.ts'
import type { Asides } from '../report/content.ts'
import { counted } from '../report/words.ts'
import type { Instant } from '../shared/instant.ts'
import type { Host } from '../shells/host.ts'
import { TOOL } from '../version.ts'
import { readAgain } from './again.ts'
import { readForBoth } from './both.ts'
import { connectHarbor, type Connected } from './connect.ts'
import { connectMirror } from './mirror-connection.ts'
import { heldAgainstMirror } from './mirror-look.ts'
import { withSizes, withSizesOfBoth } from './sizes.ts'

/** The policy to plan by. */
export interface Given {
  readonly policy: Policy
  /** Of the policy's bytes. */
  readonly digest: Digest
  /** What it is compared with, if it is: the policy before an edit, or none. */
  readonly edit?: { readonly before: Policy | undefined } | undefined
}

/** A plan, and what it changes where it was to be compared. */
export interface Made extends Assembled {
  readonly asides: Asides
  readonly effect: Effect | undefined
}

/**
 * Makes a plan of what is in Harbor now.
 *
 * @param present the moment of the run
 * @throws Failed when there is none
 */
export async function makePlan(
  { policy, digest, edit }: Given,
  settings: Settings,
  host: Host,
  present: Instant,
): Promise<Made> {
  const { concurrency } = settings
  const mirror = settings.mirror.url === '' ? undefined : await connectMirror(settings, host)
  const connected = await connectHarbor(settings, host).catch(async (error: unknown) => {
    await mirror?.close()
    throw error
  })
  try {
    const { harbor, account } = connected
    const circumstances = circumstancesOf(connected, digest, settings, present)
    const needs = needsOf(policy)
    const before = edit?.before
    const crawled = await crawlFor(
      before === undefined ? needs : unionOf(needs, needsOf(before)),
      connected,
      settings,
      host,
    )
    const read =
      before === undefined
        ? { after: await readAgain(crawled, policy, circumstances, concurrency), before: undefined }
        : await readForBoth(crawled, { after: policy, before }, circumstances, concurrency)
    const inventory = read.after
    const assembled = assemblePlan(policy, inventory, circumstances)
    const compared =
      edit &&
      comparePlans(
        assembled,
        before && read.before && { policy: before, inventory: read.before },
        circumstances,
      )
    const counting = { harbor, version: account.version, settings, host }
    const sized =
      compared === undefined || read.before === undefined
        ? { plan: await withSizes(assembled.plan, inventory, counting), effect: compared?.effect }
        : await withSizesOfBoth(assembled.plan, compared, { after: inventory, before: read.before }, counting)
    const plan = await heldAgainstMirror(sized.plan, inventory, policy.mirror, {
      mirror,
      width: concurrency,
      host,
    })
    const proxyCaches = inventory.projects.filter(({ proxyCache }) => proxyCache).map(({ name }) => name)
    const asides = { proxyCaches, unused: policy.unused, mirrored: settings.mirror.prefix !== '' }
    return { ...assembled, plan, asides, effect: sized.effect }
  } finally {
    await Promise.all([connected.close(), mirror?.close()])
  }
}

/**
 * What it changes that there is no policy any more.
 *
 * @throws Failed when Harbor can't be asked
 */
export async function makeEffect(
  before: Policy,
  settings: Settings,
  host: Host,
  present: Instant,
): Promise<Effect> {
  const connected = await connectHarbor(settings, host)
  try {
    const circumstances = circumstancesOf(connected, '', settings, present)
    const crawled = await crawlFor(needsOf(before), connected, settings, host)
    const inventory = await readAgain(crawled, before, circumstances, settings.concurrency)
    return comparePlans(undefined, { policy: before, inventory }, circumstances).effect
  } finally {
    await connected.close()
  }
}

function circumstancesOf(
  { harbor, account: { version } }: Connected,
  digest: Digest,
  { policy, now, mirror }: Settings,
  present: Instant,
): Circumstances {
  return {
    tool: TOOL,
    harbor: { url: harbor.url, version },
    policyFile: { path: policy, digest },
    createdAt: present,
    now: now ?? present,
    otherTime: now !== undefined,
    mirrorPrefix: mirror.prefix,
  }
}

function crawlFor(
  needs: Needs,
  { harbor, account: { version } }: Connected,
  { concurrency }: Settings,
  host: Host,
): Promise<Crawled> {
  return crawl(harbor, needs, {
    version,
    concurrency,
    onProject: ({ name, proxyCache }, repositories) => {
      host.progress(projectWords(name, proxyCache, repositories))
    },
  })
}

function projectWords(name: string, proxyCache: boolean, repositories: readonly Repository[]): string {
  if (proxyCache) return `${name}: a proxy cache, left alone`
  const artifacts = repositories.reduce((sum, repository) => sum + repository.artifacts.length, 0)
  return `${name}: ${counted(artifacts, 'artifact')} in ${repositories.length} of its repositories`
}
