// Labels, and putting them on artifacts.
import {
  type Exchange,
  bodyJson,
  numberParam,
  repositoryName,
  param,
  projectOfPath,
} from '../http/exchange.ts'
import { type Reply, created, empty, json } from '../http/reply.ts'
import { type Route, requireIn } from '../http/router.ts'
import { HarborError, badRequest, notFound } from '../state/error.ts'
import type { Artifact, Label } from '../state/model.ts'
import { touched } from '../state/registry.ts'
import { columns } from './columns.ts'
import { list } from './list.ts'
import { instant } from './time.ts'

const LABELS = '/projects/:projectName/repositories/:repository/artifacts/:reference/labels'

export const labelRoutes: readonly Route[] = [
  { method: 'GET', path: '/labels', need: 'open', handle: listLabels },
  { method: 'GET', path: '/labels/:label', need: 'open', handle: getLabel },
  { method: 'POST', path: '/labels', need: 'login', handle: createLabel },
  { method: 'POST', path: LABELS, need: 'project artifact-label:create', handle: addLabel },
  { method: 'DELETE', path: `${LABELS}/:label`, need: 'project artifact-label:delete', handle: removeLabel },
]

export function labelJson(label: Label): Record<string, unknown> {
  return {
    color: label.color,
    creation_time: instant(label.created),
    ...(label.description !== '' && { description: label.description }),
    id: label.id,
    name: label.name,
    ...(label.project && { project_id: label.project.id }),
    scope: label.project === null ? 'g' : 'p',
    update_time: instant(label.updated),
  }
}

const COLUMNS = columns<Label>(
  { name: 'id', alias: 'ID', value: ({ id }) => id, type: 'integer' },
  { name: 'name', alias: 'Name', value: ({ name }) => name },
)

function listLabels(exchange: Exchange): Reply {
  const { registry, caller, query } = exchange
  const projectId = Number(query.get('project_id') ?? 0)
  const name = query.get('name') ?? ''
  const scope = query.get('scope') ?? ''
  if (scope !== 'g' && scope !== 'p') throw badRequest(`invalid scope: ${scope}`)
  const isGlobal = scope === 'g'
  if (!isGlobal && projectId === 0) throw badRequest('must with project ID when to query project labels')
  if (!isGlobal) requireIn(registry, caller, { project: projectId, resource: 'label', action: 'list' })
  const rows = [...registry.labels.values()].filter((label) => {
    return (label.project?.id ?? 0) === (isGlobal ? 0 : projectId) && label.name.includes(name)
  })
  return list(exchange, { rows, columns: COLUMNS, order: (a, b) => a.id - b.id, show: labelJson })
}

function getLabel(exchange: Exchange): Reply {
  const { registry, caller } = exchange
  const label = labelById(exchange, numberParam(exchange, 'label'))
  requireIn(registry, caller, { project: label.project?.id ?? null, resource: 'label', action: 'read' })
  return json(labelJson(label))
}

function labelById({ registry }: Exchange, id: number): Label {
  const label = registry.labels.get(id)
  if (label === undefined) throw notFound(`label ${id} not found`)
  return label
}

interface NewLabel {
  readonly name: string
  readonly description?: string
  readonly color?: string
  readonly scope: string
  readonly project_id?: number
}

function createLabel(exchange: Exchange): Reply {
  const { registry, caller } = exchange
  const { scope, project_id: projectId = 0, ...label } = bodyJson<NewLabel>(exchange)
  const inProject = scope === 'p'
  requireIn(registry, caller, { project: inProject ? projectId : null, resource: 'label', action: 'create' })
  const project = inProject ? registry.projectById(projectId) : undefined
  const taken = [...registry.labels.values()].some((one) => {
    return one.name === label.name && (one.project ?? undefined) === project
  })
  if (taken) throw new HarborError('CONFLICT', `label ${label.name} already exists`)
  const added = registry.addLabel(label.name, { ...label, ...(project && { project }) })
  return created(`/api/v2.0/labels/${added.id}`)
}

function artifactOf(exchange: Exchange): Artifact {
  return exchange.registry.artifact(repositoryName(exchange), param(exchange, 'reference'))
}

function addLabel(exchange: Exchange): Reply {
  const { id } = bodyJson<{ id: number }>(exchange)
  const label = labelById(exchange, id)
  const project = projectOfPath(exchange)
  if (label.project !== null && label.project !== project) {
    throw notFound(`project id ${project.id}, label ${id} not found`)
  }
  const artifact = artifactOf(exchange)
  if (artifact.labels.includes(label)) {
    throw new HarborError('CONFLICT', `label ${id} is already added to the artifact ${artifact.id}`)
  }
  artifact.labels = [...artifact.labels, label]
  touched(artifact.repository)
  return empty(200)
}

function removeLabel(exchange: Exchange): Reply {
  const artifact = artifactOf(exchange)
  const id = numberParam(exchange, 'label')
  if (!artifact.labels.some((label) => label.id === id)) {
    throw notFound(`reference with label ${id} and artifact ${artifact.id} not found`)
  }
  artifact.labels = artifact.labels.filter((label) => label.id !== id)
  touched(artifact.repository)
  return empty(200)
}
