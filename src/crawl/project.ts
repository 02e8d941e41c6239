import { Forbidden, Unauthorized } from '../harbor/errors.ts'
import type { Harbor } from '../harbor/harbor.ts'
import type { RepositoryAnswer } from '../harbor/schemas.ts'
import { compileImmutability, type Immutability } from '../inventory/immutable.ts'
import type { Repository } from '../inventory/types.ts'
import { forEachOf } from '../shared/concurrency.ts'
import { readById } from './by-id.ts'
import type { CrawlContext } from './context.ts'
import { oneListingIsCheaper } from './cost.ts'
import { repositoryList } from './listing.ts'
import { RepositoryReader } from './repository.ts'

/** The repositories of a project, and what reads them again. */
export interface CrawledProject {
  readonly repositories: readonly Repository[]
  readonly reader: RepositoryReader
}

/** Reads the repositories of a project that are needed; what fails is among the context's failures. */
export async function crawlProject(project: string, context: CrawlContext): Promise<CrawledProject> {
  const { harbor, needs, failures, width } = context
  const listed: RepositoryAnswer[] = []
  let immutability: Immutability | undefined
  await failures.guard(project, async () => {
    immutability = await readImmutability(harbor, project)
    await readById(repositoryList(harbor, project), width, (page) => listed.push(...page))
  })
  const wanted = listed.filter(({ name }) => needs.repository(name))
  const reader = new RepositoryReader(context, immutability)
  const repositories: Repository[] = []
  if (context.listsProjects && oneListingIsCheaper(wanted.map(artifactCount), listed.map(artifactCount))) {
    const names = wanted.map(({ name }) => name)
    await failures.guard(project, async () => {
      repositories.push(...(await reader.together(project, names)))
    })
  } else {
    await forEachOf(wanted, width, async ({ name }) => {
      await failures.guard(name, async () => {
        repositories.push(await reader.one(name))
      })
    })
  }
  return { repositories, reader }
}

/** Undefined where the account may not read the rules: then Harbor has to be asked about every tag. */
async function readImmutability(harbor: Harbor, project: string): Promise<Immutability | undefined> {
  try {
    return compileImmutability(await harbor.immutableRules(project))
  } catch (error) {
    if (error instanceof Forbidden || error instanceof Unauthorized) return undefined
    throw error
  }
}

function artifactCount({ artifact_count: count }: RepositoryAnswer): number {
  return count
}
