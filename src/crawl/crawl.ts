import semver from 'semver'
import type { Harbor } from '../harbor/harbor.ts'
import type { ProjectAnswer } from '../harbor/schemas.ts'
import type { Inventory, Project, Repository } from '../inventory/types.ts'
import type { Needs } from '../policy/needs.ts'
import { forEachOf } from '../shared/concurrency.ts'
import { compareText } from '../shared/order.ts'
import type { CrawlContext } from './context.ts'
import { Failures } from './failures.ts'
import { crawlProject } from './project.ts'

export interface CrawlOptions {
  /** Harbor's version, as it says it. */
  readonly version: string
  /** Readings side by side. */
  readonly concurrency: number
  /** Told when a project is done. */
  readonly onProject?: (project: Project, repositories: readonly Repository[]) => void
}

/**
 * Reads what a policy needs of a Harbor, many repositories at once. What can't be read doesn't stop the rest: it is
 * among the inventory's failures.
 */
export async function crawl(harbor: Harbor, needs: Needs, options: CrawlOptions): Promise<Inventory> {
  const failures = new Failures()
  const context: CrawlContext = {
    harbor,
    needs,
    width: options.concurrency,
    listsProjects: listsProjects(options.version),
    failures,
    platforms: new Map(),
  }
  const projects: Project[] = []
  const repositories: Repository[] = []
  await failures.guard('the list of projects', async () => {
    await forEachOf(projectsOf(harbor, needs), options.concurrency, async ({ name, registry_id: cached }) => {
      const project = { name, proxyCache: cached > 0 }
      projects.push(project)
      const read = project.proxyCache && !needs.proxyCaches ? [] : await crawlProject(name, context)
      repositories.push(...read)
      options.onProject?.(project, read)
    })
  })
  return {
    projects: projects.toSorted((a, b) => compareText(a.name, b.name)),
    repositories: repositories.toSorted((a, b) => compareText(a.name, b.name)),
    failures: failures.inOrder(),
  }
}

async function* projectsOf(harbor: Harbor, needs: Needs): AsyncGenerator<ProjectAnswer> {
  for (let from = 0; ;) {
    const { items, total } = await harbor.projects(from)
    yield* items.filter(({ name }) => needs.project(name))
    if (items.length === 0 || items.length === total) return
    from = items.reduce((last, { project_id: id }) => Math.max(last, id), 0) + 1
  }
}

/** `GET /projects/{project}/artifacts` came with Harbor 2.12. */
function listsProjects(version: string): boolean {
  return semver.gte(semver.coerce(version) ?? '0.0.0', '2.12.0')
}
