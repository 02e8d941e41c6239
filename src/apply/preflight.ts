import { readById } from '../crawl/by-id.ts'
import { projectList } from '../crawl/listing.ts'
import { Forbidden, Unauthorized } from '../harbor/errors.ts'
import type { Account, Harbor } from '../harbor/harbor.ts'
import type { ReplicationPolicyAnswer } from '../harbor/schemas.ts'
import { compileDoublestar } from '../patterns/doublestar.ts'
import type { ReadPlan } from '../plan/read.ts'
import { projectOf } from '../shared/repository.ts'
import type { Refusal } from './check.ts'

/** What Harbor itself says against an apply, and what could not be found out. */
export interface Preflight {
  readonly refusal: Refusal | undefined
  readonly warnings: readonly string[]
}

/**
 * Asks Harbor whether a plan may be carried out: that it takes changes at all, that the account may delete, and that no
 * replication would carry the deletions elsewhere.
 *
 * @throws HarborError
 */
export async function preflight(harbor: Harbor, account: Account, plan: ReadPlan): Promise<Preflight> {
  if (account.readOnly) {
    const message = `${harbor.url} is in read-only mode (Configuration, System Settings); nothing can be deleted until that ends`
    return { refusal: { reason: 'harbor-read-only', message }, warnings: [] }
  }
  const rights = await missingRights(harbor, plan)
  if (rights !== undefined) return { refusal: rights, warnings: [] }
  return replications(harbor, plan)
}

async function missingRights(harbor: Harbor, { actions }: ReadPlan): Promise<Refusal | undefined> {
  const needed = new Map<string, Set<string>>()
  for (const { kind, repository } of actions) {
    if (kind === 'copy') continue
    const project = projectOf(repository)
    const rights = needed.get(project) ?? new Set()
    // Manifests are read before they are deleted.
    for (const right of kind === 'delete-tag' ? ['tag:delete'] : ['artifact:delete', 'repository:pull']) {
      rights.add(right)
    }
    needed.set(project, rights)
  }
  const ids = await idsOf(harbor)
  for (const [project, rights] of needed) {
    const id = ids.get(project)
    // What was planned in a project that is gone is told item by item.
    const granted = id === undefined ? new Set() : await harbor.permissions(id)
    // An empty answer says nothing: Harbor gives it also where something is allowed (v2.15.1).
    const missing = [...rights].filter((right) => granted.size > 0 && !granted.has(right))
    if (missing.length > 0) {
      const message = `the account may not do this in project ${project}: ${missing.join(', ')}; give the robot Delete Artifact, Delete Tag and Pull Repository there`
      return { reason: 'may-not-delete', message }
    }
  }
  return undefined
}

/** From the list of projects, which needs no right in any of them. */
async function idsOf(harbor: Harbor): Promise<ReadonlyMap<string, number>> {
  const ids = new Map<string, number>()
  await readById(projectList(harbor), 1, (page) => {
    for (const { name, project_id: id } of page) ids.set(name, id)
  })
  return ids
}

async function replications(harbor: Harbor, { actions }: ReadPlan): Promise<Preflight> {
  const repositories = new Set(
    actions.filter(({ kind }) => kind !== 'copy').map(({ repository }) => repository),
  )
  try {
    const carrying = (await harbor.replicationPolicies()).filter((policy) => carries(policy, repositories))
    if (carrying.length === 0) return { refusal: undefined, warnings: [] }
    const names = carrying.map(({ name }) => name).join(', ')
    const message = `replication would carry these deletions to another registry: ${names}; turn "delete remote resources" off there, or the rule for the while`
    return { refusal: { reason: 'replicates-deletions', message }, warnings: [] }
  } catch (error) {
    if (!(error instanceof Forbidden || error instanceof Unauthorized)) throw error
    const warning =
      'the account may not see replication rules: whether one carries deletions to another registry is not known (List Replication Policy)'
    return { refusal: undefined, warnings: [warning] }
  }
}

/**
 * Whether a replication from here follows deletions in one of these repositories
 * (src/controller/event/handler/replication). What its filters mean is taken for a match where it can't be told.
 */
function carries(policy: ReplicationPolicyAnswer, repositories: ReadonlySet<string>): boolean {
  const { enabled, replicate_deletion: follows, trigger, src_registry: source, filters } = policy
  if (!enabled || !follows || trigger?.type !== 'event_based' || (source?.id ?? 0) !== 0) return false
  const names = filters.filter(({ type }) => type === 'name').map(({ value }) => value)
  return [...repositories].some((repository) =>
    names.every(
      (name) => typeof name !== 'string' || name === '' || (compileDoublestar(name)?.(repository) ?? true),
    ),
  )
}
