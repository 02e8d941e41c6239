// Repositories, of a project and of all that the caller sees.
import { type Exchange, projectOfPath, repositoryName } from '../http/exchange.ts'
import { type Reply, empty, json } from '../http/reply.ts'
import type { Route } from '../http/router.ts'
import { type Caller, nameOf } from '../security/caller.ts'
import { visibleProjects } from '../security/can.ts'
import { deleteRepository } from '../state/delete.ts'
import { unprocessable } from '../state/error.ts'
import type { Repository } from '../state/model.ts'
import { selectArtifacts } from './artifact-selection.ts'
import { columns } from './columns.ts'
import { list } from './list.ts'
import { projectJson } from './projects.ts'
import { instant } from './time.ts'

const REPOSITORY = '/projects/:projectName/repositories/:repository'

export const repositoryRoutes: readonly Route[] = [
  { method: 'GET', path: '/repositories', need: 'open', handle: listAll },
  {
    method: 'GET',
    path: '/projects/:projectName/repositories',
    need: 'project repository:list',
    handle: listOfProject,
  },
  { method: 'GET', path: REPOSITORY, need: 'project repository:read', handle: get },
  { method: 'DELETE', path: REPOSITORY, need: 'project repository:delete', handle: remove },
  { method: 'GET', path: '/search', need: 'open', handle: search },
]

const COLUMNS = columns<Repository>(
  { name: 'repository_id', alias: 'RepositoryID', value: ({ id }) => id, type: 'integer' },
  { name: 'name', alias: 'Name', value: ({ name }) => name },
  { name: 'project_id', alias: 'ProjectID', value: ({ project }) => project.id, type: 'integer' },
  { name: 'pull_count', alias: 'PullCount', value: ({ pulls }) => pulls, type: 'bigint' },
  { name: 'creation_time', alias: 'CreationTime', value: ({ created }) => created, type: 'time' },
  { name: 'update_time', alias: 'UpdateTime', value: ({ updated }) => updated, type: 'time' },
)

function repositoryJson(repository: Repository): Record<string, unknown> {
  return {
    artifact_count: countArtifacts(repository),
    creation_time: instant(repository.created),
    ...(repository.description !== '' && { description: repository.description }),
    id: repository.id,
    name: repository.name,
    project_id: repository.project.id,
    pull_count: repository.pulls,
    update_time: instant(repository.updated),
  }
}

/** As a list of them would count: without accessories and untagged children. */
function countArtifacts(repository: Repository): number {
  return selectArtifacts(repository, new Map(), []).length
}

function listRepositories(exchange: Exchange, rows: Iterable<Repository>): Reply {
  return list(exchange, {
    rows,
    columns: COLUMNS,
    order: (a, b) => b.created - a.created || b.id - a.id,
    show: repositoryJson,
    of: 'repositories',
  })
}

function listAll(exchange: Exchange): Reply {
  const projects = visibleProjects(exchange.registry, exchange.caller)
  return listRepositories(
    exchange,
    projects.flatMap(({ repositories }) => [...repositories.values()]),
  )
}

function listOfProject(exchange: Exchange): Reply {
  return listRepositories(exchange, projectOfPath(exchange).repositories.values())
}

function get(exchange: Exchange): Reply {
  return json(repositoryJson(exchange.registry.repository(repositoryName(exchange))))
}

function remove(exchange: Exchange): Reply {
  const { registry, caller } = exchange
  deleteRepository(registry, registry.repository(repositoryName(exchange)), nameOf(caller))
  return empty(200)
}

function search(exchange: Exchange): Reply {
  const { registry, caller, query } = exchange
  const text = query.get('q') ?? ''
  if (text === '') throw unprocessable('q in query is required')
  // A robot finds what anybody finds.
  const finder: Caller = caller.kind === 'user' ? caller : { kind: 'anonymous' }
  const projects = visibleProjects(registry, finder).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const repositories = projects
    .flatMap((project) => [...project.repositories.values()])
    .filter(({ name }) => name.toLowerCase().includes(text.toLowerCase()))
    .toSorted((a, b) => b.id - a.id)
  return json({
    project: projects
      .filter(({ name }) => name.includes(text))
      .map((project) => ({ ...projectJson(exchange, project, false), metadata: project.metadata })),
    repository: repositories.map((repository) => ({
      artifact_count: countArtifacts(repository),
      project_id: repository.project.id,
      project_name: repository.project.name,
      ...(repository.project.metadata['public'] === 'true' && { project_public: true }),
      ...(repository.pulls > 0 && { pull_count: repository.pulls }),
      repository_name: repository.name,
    })),
  })
}
