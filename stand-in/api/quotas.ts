// Storage quotas, one for each project, with the project's id.
import { type Exchange, bodyJson, numberParam } from '../http/exchange.ts'
import { type Reply, empty, json } from '../http/reply.ts'
import type { Route } from '../http/router.ts'
import { notFound } from '../state/error.ts'
import { type Project, NEVER } from '../state/model.ts'
import { columns } from './columns.ts'
import { list } from './list.ts'
import { instant } from './time.ts'

export const quotaRoutes: readonly Route[] = [
  { method: 'GET', path: '/quotas', need: 'system quota:list', handle: listQuotas },
  { method: 'GET', path: '/quotas/:quota', need: 'system quota:read', handle: get },
  { method: 'PUT', path: '/quotas/:quota', need: 'system quota:update', handle: update },
]

const COLUMNS = columns<Project>(
  { name: 'creation_time', value: ({ quota }) => quota.created },
  { name: 'update_time', value: ({ quota }) => quota.updated },
  { name: 'hard.storage', value: ({ quota }) => (quota.hard === -1 ? Infinity : quota.hard) },
  { name: 'used.storage', value: ({ quota }) => quota.used },
)

function listQuotas(exchange: Exchange): Reply {
  const { registry, query } = exchange
  const reference = query.get('reference') ?? 'project'
  const id = query.get('reference_id')
  const rows = [...registry.projects.values()].filter((project) => {
    return reference === 'project' && (id === null || project.id === Number(id))
  })
  return list(exchange, {
    rows,
    columns: COLUMNS,
    order: (a, b) => b.quota.created - a.quota.created || b.id - a.id,
    show: quotaJson,
  })
}

function quotaJson({ id, name, quota }: Project): Record<string, unknown> {
  return {
    creation_time: instant(quota.created),
    hard: { storage: quota.hard },
    id,
    ref: { id, name, owner_name: '' },
    update_time: instant(quota.updated),
    used: { storage: quota.used },
  }
}

function projectOfQuota(exchange: Exchange): Project {
  const id = numberParam(exchange, 'quota')
  const project = exchange.registry.projectsById.get(id)
  if (project === undefined) throw notFound(`quota ${id} not found`)
  return project
}

function get(exchange: Exchange): Reply {
  // Asked for alone, its time is left out.
  return json({ ...quotaJson(projectOfQuota(exchange)), update_time: instant(NEVER) })
}

function update(exchange: Exchange): Reply {
  const { quota } = projectOfQuota(exchange)
  quota.hard = bodyJson<{ hard: { storage: number } }>(exchange).hard.storage
  quota.updated = exchange.registry.clock.now()
  return empty(200)
}
