// Single artifacts, their tags and accessories.
import { type Exchange, bodyJson, flag, param, projectOfPath, repositoryName } from '../http/exchange.ts'
import { type Reply, created, empty, json } from '../http/reply.ts'
import { type Route, requireIn } from '../http/router.ts'
import { nameOf } from '../security/caller.ts'
import { copyArtifact } from '../state/copy.ts'
import { recordAudit } from '../state/audit.ts'
import { deleteArtifact, deleteTag } from '../state/delete.ts'
import { HarborError, badRequest } from '../state/error.ts'
import type { Accessory, Artifact, Tag } from '../state/model.ts'
import { createTag } from '../state/push.ts'
import { projectOf } from '../state/registry.ts'
import { accessoryJson, artifactJson, tagJson, tagsOf } from './artifact-json.ts'
import { detailOf } from './artifact-list.ts'
import { columns } from './columns.ts'
import { list } from './list.ts'

const ARTIFACTS = '/projects/:projectName/repositories/:repository/artifacts'
const ARTIFACT = `${ARTIFACTS}/:reference`

export const artifactRoutes: readonly Route[] = [
  { method: 'POST', path: ARTIFACTS, need: 'project artifact:create', handle: copy },
  { method: 'GET', path: ARTIFACT, need: 'project artifact:read', handle: get },
  { method: 'DELETE', path: ARTIFACT, need: 'project artifact:delete', handle: remove },
  { method: 'GET', path: `${ARTIFACT}/tags`, need: 'project tag:list', handle: listTags },
  { method: 'POST', path: `${ARTIFACT}/tags`, need: 'project tag:create', handle: addTag },
  { method: 'DELETE', path: `${ARTIFACT}/tags/:tag`, need: 'project tag:delete', handle: removeTag },
  { method: 'GET', path: `${ARTIFACT}/accessories`, need: 'project accessory:list', handle: listAccessories },
]

export function artifactOfPath(exchange: Exchange): Artifact {
  return exchange.registry.artifact(repositoryName(exchange), param(exchange, 'reference'))
}

function get(exchange: Exchange): Reply {
  return json(artifactJson(exchange.registry, artifactOfPath(exchange), detailOf(exchange)))
}

function remove(exchange: Exchange): Reply {
  deleteArtifact(exchange.registry, artifactOfPath(exchange), nameOf(exchange.caller))
  return empty(200)
}

function copy(exchange: Exchange): Reply {
  const { registry, caller, query, path } = exchange
  const from = /^(.+?)(?:@(sha256:[0-9a-f]{64})|:([\w][\w.-]*))$/.exec(query.get('from') ?? '')
  const [source = '', reference = ''] = [from?.[1], from?.[2] ?? from?.[3]]
  if (source === '' || reference === '') throw badRequest(`invalid input: ${query.get('from') ?? ''}`)
  refuseProxy(exchange)
  const project = registry.projects.get(projectOf(source))?.id ?? 0
  requireIn(registry, caller, { project, resource: 'artifact', action: 'read' })
  copyArtifact(registry, registry.artifact(source, reference), repositoryName(exchange))
  return created(`${path}/${reference}`)
}

const TAG_COLUMNS = columns<Tag>(
  { name: 'id', alias: 'ID', value: ({ id }) => id, type: 'integer' },
  { name: 'name', alias: 'Name', value: ({ name }) => name },
  { name: 'push_time', alias: 'PushTime', value: ({ pushed }) => pushed, type: 'time' },
  { name: 'pull_time', alias: 'PullTime', value: ({ pulled }) => pulled, type: 'time' },
)

function listTags(exchange: Exchange): Reply {
  const withImmutable = flag(exchange, 'with_immutable_status')
  return list(exchange, {
    rows: tagsOf(artifactOfPath(exchange)),
    columns: TAG_COLUMNS,
    order: (a, b) => b.pushed - a.pushed || b.id - a.id,
    show: (tag) => tagJson(tag, withImmutable),
  })
}

function addTag(exchange: Exchange): Reply {
  const { registry, caller } = exchange
  refuseProxy(exchange)
  const artifact = artifactOfPath(exchange)
  const { name } = bodyJson<{ name: string }>(exchange)
  createTag(registry, artifact, name, registry.clock.now())
  const resource = `${artifact.repository.name}:${name}`
  recordAudit(registry, {
    operation: 'create',
    resourceType: 'tag',
    resource,
    description: `create tag: ${resource}`,
    user: nameOf(caller),
  })
  return empty(201)
}

function refuseProxy(exchange: Exchange): void {
  if (projectOfPath(exchange).registryId === 0) return
  throw new HarborError('METHOD_NOT_ALLOWED', "the operation isn't supported for a proxy cache project")
}

function removeTag(exchange: Exchange): Reply {
  deleteTag(exchange.registry, artifactOfPath(exchange), param(exchange, 'tag'), nameOf(exchange.caller))
  return empty(200)
}

const ACCESSORY_COLUMNS = columns<Accessory>(
  { name: 'id', alias: 'ID', value: ({ id }) => id, type: 'integer' },
  { name: 'type', alias: 'Type', value: ({ type }) => type },
  { name: 'digest', alias: 'Digest', value: ({ artifact }) => artifact.digest },
  { name: 'size', alias: 'Size', value: ({ artifact }) => artifact.size, type: 'bigint' },
)

function listAccessories(exchange: Exchange): Reply {
  return list(exchange, {
    rows: artifactOfPath(exchange).accessories,
    columns: ACCESSORY_COLUMNS,
    order: (a, b) => a.id - b.id,
    show: accessoryJson,
  })
}
