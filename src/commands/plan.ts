import path from 'node:path'
import { crawl } from '../crawl/crawl.ts'
import type { Settings } from '../inputs/settings.ts'
import type { Repository } from '../inventory/types.ts'
import { assemblePlan, type Assembled, type Circumstances } from '../plan/assemble.ts'
import { sha256 } from '../plan/id.ts'
import { changesOf } from '../plan/mirrored.ts'
import type { Plan } from '../plan/types.ts'
import { needsOf } from '../policy/needs.ts'
import { contentOf, type Asides } from '../report/content.ts'
import { decisionLines } from '../report/decisions.ts'
import { jsonLines } from '../report/json-lines.ts'
import { counted } from '../report/words.ts'
import type { Instant } from '../shared/instant.ts'
import type { Host } from '../shells/host.ts'
import { VERSION } from '../version.ts'
import { readAgain } from './again.ts'
import { connectHarbor } from './connect.ts'
import { writeOutputFile } from './files.ts'
import { connectMirror } from './mirror-connection.ts'
import { heldAgainstMirror } from './mirror-look.ts'
import { Failed, type Outcome } from './outcome.ts'
import { readPolicy } from './policy.ts'
import { withSizes } from './sizes.ts'

/**
 * Crawls, decides, writes the plan file, the decisions and the report. Changes nothing in Harbor, ever.
 *
 * @param present the moment of the run
 * @throws Failed when there is no plan to show
 */
export async function plan(settings: Settings, host: Host, present: Instant): Promise<Outcome> {
  const { concurrency } = settings
  keepApart(settings)
  const { policy, bytes } = await readPolicy(settings, host)
  const mirror = settings.mirror.url === '' ? undefined : await connectMirror(settings, host)
  const { harbor, account, close } = await connectHarbor(settings, host).catch(async (error: unknown) => {
    await mirror?.close()
    throw error
  })
  try {
    const { version } = account
    const circumstances: Circumstances = {
      tool: `harbor-dredge ${VERSION}`,
      harbor: { url: harbor.url, version },
      policyFile: { path: settings.policy, digest: sha256(bytes) },
      createdAt: present,
      now: settings.now ?? present,
      otherTime: settings.now !== undefined,
      mirrorPrefix: settings.mirror.prefix,
    }
    const crawled = await crawl(harbor, needsOf(policy), {
      version,
      concurrency,
      onProject: ({ name, proxyCache }, repositories) => {
        host.progress(projectWords(name, proxyCache, repositories))
      },
    })
    const inventory = await readAgain(crawled, policy, circumstances, concurrency)
    const assembled = assemblePlan(policy, inventory, circumstances)
    const sized = await withSizes(assembled.plan, inventory, { harbor, version, settings, host })
    const held = await heldAgainstMirror(sized, inventory, policy.mirror, {
      mirror,
      width: concurrency,
      host,
    })
    const proxyCaches = inventory.projects.filter(({ proxyCache }) => proxyCache).map(({ name }) => name)
    const asides = { proxyCaches, unused: policy.unused, mirrored: settings.mirror.prefix !== '' }
    await publish({ ...assembled, plan: held }, asides, settings, host)
    return outcomeOf(held, settings)
  } finally {
    await Promise.all([close(), mirror?.close()])
  }
}

/** @throws Failed when a file that is written would take the place of another */
function keepApart({ policy, planFile: made, decisionsFile }: Settings): void {
  const files = [
    ['policy', policy],
    ['plan-file', made],
    ['decisions-file', decisionsFile?.path ?? ''],
  ] as const
  for (const [index, [input, file]] of files.entries()) {
    const other = files.slice(0, index).find(([, before]) => path.resolve(before) === path.resolve(file))
    if (other === undefined || file === '') continue
    const message = `\`${input}\` and \`${other[0]}\` are one file, ${file}; give one of them another name`
    throw new Failed(message, { status: 2, reason: 'bad-input' })
  }
}

async function publish(assembled: Assembled, asides: Asides, settings: Settings, host: Host): Promise<void> {
  const { plan: made, repositories } = assembled
  const { planFile: file, decisionsFile } = settings
  await writeOutputFile(file, 'plan-file', jsonLines(made))
  if (decisionsFile !== undefined) {
    const now = settings.now ?? Date.parse(made.now)
    await writeOutputFile(
      decisionsFile.path,
      'decisions-file',
      decisionLines(repositories, now, decisionsFile.format),
    )
  }
  host.output('changes', String(changesOf(made) > 0))
  host.output('plan-id', made.id)
  host.output('plan-file', file)
  host.output('deletes', String(made.totals.deleteTags + made.totals.deleteArtifacts))
  host.output('copies', String(made.totals.copies))
  host.output('reclaimable-bytes', String(made.totals.reclaimableBytes ?? ''))
  host.report(contentOf(assembled, asides))
}

function outcomeOf(made: Plan, { failOnChanges }: Settings): Outcome {
  const { complete, problems } = made
  if (!complete) return { status: 1, reason: 'incomplete' }
  if (failOnChanges && changesOf(made) > 0) return { status: 3, reason: 'changes' }
  return { status: 0, reason: problems[0]?.code ?? '' }
}

function projectWords(name: string, proxyCache: boolean, repositories: readonly Repository[]): string {
  if (proxyCache) return `${name}: a proxy cache, left alone`
  const artifacts = repositories.reduce((sum, repository) => sum + repository.artifacts.length, 0)
  return `${name}: ${counted(artifacts, 'artifact')} in ${repositories.length} of its repositories`
}
