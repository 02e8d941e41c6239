import semver from 'semver'
import type { Harbor } from '../harbor/harbor.ts'
import type { ProjectAnswer } from '../harbor/schemas.ts'
import type { Digest, Inventory, Project, Question, Repository } from '../inventory/types.ts'
import type { Needs } from '../policy/needs.ts'
import { forEachOf } from '../shared/concurrency.ts'
import { compareText } from '../shared/order.ts'
import { readById } from './by-id.ts'
import type { CrawlContext } from './context.ts'
import { Failures } from './failures.ts'
import { projectList } from './listing.ts'
import { crawlProject } from './project.ts'
import type { RepositoryReader } from './repository.ts'

export interface CrawlOptions {
  /** Harbor's version, as it says it. */
  readonly version: string
  /** Readings side by side. */
  readonly concurrency: number
  /** Told when a project is done. */
  readonly onProject?: (project: Project, repositories: readonly Repository[]) => void
}

/** What was read of a Harbor, and how to read on. */
export interface Crawled {
  readonly inventory: Inventory
  /** A repository with what there is to know of some of its artifacts. */
  readonly readAgain: (
    repository: Repository,
    questions: ReadonlyMap<Digest, Question>,
  ) => Promise<Repository>
}

/**
 * Reads what is needed of a Harbor, many repositories at once. What can't be read doesn't stop the rest: it is among
 * the inventory's failures.
 */
export async function crawl(harbor: Harbor, needs: Needs, options: CrawlOptions): Promise<Crawled> {
  const failures = new Failures()
  const context: CrawlContext = {
    harbor,
    needs,
    width: options.concurrency,
    listsProjects: isSince(options.version, '2.12.0'),
    tellsSignatures: isSince(options.version, '2.15.0'),
    failures,
    platforms: new Map(),
  }
  const projects: Project[] = []
  const repositories: Repository[] = []
  const readers = new Map<string, RepositoryReader>()
  const listed: ProjectAnswer[] = []
  await failures.guard('the list of projects', async () => {
    await readById(projectList(harbor), options.concurrency, (page) => listed.push(...page))
  })
  await forEachOf(
    listed.filter(({ name }) => needs.project(name)),
    options.concurrency,
    async ({ name, registry_id: cached }) => {
      const project = { name, proxyCache: cached > 0 }
      projects.push(project)
      if (project.proxyCache && !needs.proxyCaches) {
        options.onProject?.(project, [])
        return
      }
      const crawled = await crawlProject(name, context)
      for (const repository of crawled.repositories) repositories.push(repository)
      readers.set(name, crawled.reader)
      options.onProject?.(project, crawled.repositories)
    },
  )
  return {
    inventory: {
      projects: projects.toSorted((a, b) => compareText(a.name, b.name)),
      repositories: repositories.toSorted((a, b) => compareText(a.name, b.name)),
      failures: failures.inOrder(),
    },
    readAgain: async (repository, questions) =>
      (await readers.get(repository.project)?.again(repository, questions)) ?? repository,
  }
}

function isSince(version: string, since: string): boolean {
  return semver.gte(semver.coerce(version) ?? '0.0.0', since)
}
