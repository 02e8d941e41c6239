import type { Artifact, Failure, Inventory, Repository } from '../inventory/types.ts'
import type { Needs } from '../policy/needs.ts'
import { projectOf } from '../shared/repository.ts'

/**
 * What a crawl for some needs would have read, out of a crawl that read more: other projects and repositories,
 * accessories, orphans. A policy is decided on this, so that what else was read makes no difference to it. Labels and
 * build times stay, since only who asks for them is decided by them.
 */
export function narrowed(inventory: Inventory, needs: Needs): Inventory {
  const projects = new Set(inventory.projects.map(({ name }) => name))
  return {
    projects: inventory.projects.filter(({ name }) => needs.project(name)),
    repositories: inventory.repositories
      .filter(({ name }) => needs.repository(name))
      .map((repository) => narrowedRepository(repository, needs)),
    failures: inventory.failures.filter((failure) => concerns(failure, needs, projects)),
  }
}

/** What isn't about one of the projects that were read is about all of them. */
function concerns({ where }: Failure, needs: Needs, projects: ReadonlySet<string>): boolean {
  if (projects.has(where)) return needs.project(where)
  return where.includes('/') && projects.has(projectOf(where)) ? needs.repository(where) : true
}

/** The same object where nothing more was read of it: there can be a million artifacts. */
function narrowedRepository(repository: Repository, needs: Needs): Repository {
  const withoutOrphans = needs.orphans ? repository : notLookedForOrphans(repository)
  if (needs.accessories) return withoutOrphans
  const { artifacts } = withoutOrphans
  return artifacts.every(({ accessories }) => accessories === null)
    ? withoutOrphans
    : { ...withoutOrphans, artifacts: artifacts.map((artifact) => notAskedForAccessories(artifact)) }
}

function notLookedForOrphans({ unlisted, ...repository }: Repository): Repository {
  if (unlisted === undefined && repository.absent.size === 0) return repository
  const artifacts = repository.artifacts.filter(({ digest }) => unlisted?.has(digest) !== true)
  return { ...repository, artifacts, absent: new Set() }
}

function notAskedForAccessories(artifact: Artifact): Artifact {
  return artifact.accessories === null ? artifact : { ...artifact, accessories: null }
}
