// Projects, their summary and metadata.
import { type Exchange, bodyJson, flag, projectOfPath } from '../http/exchange.ts'
import { type Reply, created, empty, json } from '../http/reply.ts'
import { type Route, requireIn, requireLogin } from '../http/router.ts'
import { isAdmin, nameOf } from '../security/caller.ts'
import { can, isPublic, visibleProjects } from '../security/can.ts'
import { recordAudit } from '../state/audit.ts'
import { precondition, unprocessable } from '../state/error.ts'
import { type Project, type Role, NEVER } from '../state/model.ts'
import { proxyDefault } from '../state/retention-policy.ts'
import { columns } from './columns.ts'
import { list } from './list.ts'
import { instant } from './time.ts'

export const projectRoutes: readonly Route[] = [
  { method: 'GET', path: '/projects', need: 'open', handle: listProjects },
  { method: 'HEAD', path: '/projects', need: 'open', handle: headProject },
  { method: 'POST', path: '/projects', need: 'login', handle: createProject },
  { method: 'GET', path: '/projects/:project', need: 'project .:read', handle: getProject },
  { method: 'DELETE', path: '/projects/:project', need: 'project .:delete', handle: deleteProject },
  { method: 'GET', path: '/projects/:project/summary', need: 'project .:read', handle: summary },
  { method: 'GET', path: '/projects/:project/metadatas', need: 'project metadata:list', handle: metadata },
]

const ROLE_IDS: Readonly<Record<Role, number>> = {
  projectAdmin: 1,
  developer: 2,
  guest: 3,
  maintainer: 4,
  limitedGuest: 5,
}

const COLUMNS = columns<Project>(
  { name: 'project_id', alias: 'ProjectID', value: ({ id }) => id, type: 'integer' },
  { name: 'name', alias: 'Name', value: ({ name }) => name },
  { name: 'owner_id', alias: 'OwnerID', value: ({ owner }) => owner.id, type: 'integer' },
  { name: 'creation_time', alias: 'CreationTime', value: (project) => project.created, type: 'time' },
  { name: 'update_time', alias: 'UpdateTime', value: ({ updated }) => updated, type: 'time' },
  { name: 'registry_id', alias: 'RegistryID', value: ({ registryId }) => registryId, type: 'integer' },
  { name: 'public', alias: 'Public', value: (project) => String(isPublic(project)) },
)

/** `detail` adds what Harbor reads from other tables: metadata, owner, allowlist. */
export function projectJson(exchange: Exchange, project: Project, detail: boolean): Record<string, unknown> {
  const { caller } = exchange
  const role = caller.kind === 'user' ? project.members.get(caller.user) : undefined
  const roleId = role && ROLE_IDS[role]
  const never = instant(NEVER)
  return {
    creation_time: instant(project.created),
    ...(roleId !== undefined && { current_user_role_id: roleId }),
    current_user_role_ids: roleId === undefined ? null : [roleId],
    cve_allowlist: detail
      ? { creation_time: never, id: project.id, items: [], project_id: project.id, update_time: never }
      : { creation_time: never, items: null, update_time: never },
    ...(detail && { metadata: project.metadata }),
    name: project.name,
    owner_id: project.owner.id,
    ...(detail && { owner_name: project.owner.name }),
    project_id: project.id,
    ...(project.registryId !== 0 && { registry_id: project.registryId }),
    repo_count: project.repositories.size,
    update_time: instant(project.updated),
  }
}

function listProjects(exchange: Exchange): Reply {
  const { registry, caller, query } = exchange
  const name = (query.get('name') ?? '').toLowerCase()
  const owner = query.get('owner')
  const open = query.get('public')
  const rows = visibleProjects(registry, caller).filter((project) => {
    if (open !== null && isPublic(project) !== (open === 'true')) return false
    if (owner !== null && project.owner.name !== owner) return false
    return project.name.toLowerCase().includes(name)
  })
  const detail = flag(exchange, 'with_detail', true)
  return list(exchange, {
    rows,
    columns: COLUMNS,
    order: (a, b) => (a.name < b.name ? -1 : 1),
    show: (project) => projectJson(exchange, project, detail),
    of: 'projects',
  })
}

function headProject({ registry, query, caller }: Exchange): Reply {
  const name = query.get('project_name') ?? ''
  if (name === '') throw unprocessable('project_name in query is required')
  requireLogin(caller)
  registry.project(name)
  return empty(200)
}

function getProject(exchange: Exchange): Reply {
  return json(projectJson(exchange, projectOfPath(exchange), true))
}

interface NewProject {
  readonly project_name: string
  readonly metadata?: { readonly public?: string }
  readonly public?: boolean
  readonly storage_limit?: number
  readonly registry_id?: number
}

function createProject(exchange: Exchange): Reply {
  const { registry, caller } = exchange
  if (!isAdmin(caller)) requireIn(registry, caller, { project: null, resource: 'project', action: 'create' })
  const wanted = bodyJson<NewProject>(exchange)
  const project = registry.addProject({
    name: wanted.project_name,
    public: wanted.metadata?.public === 'true' || wanted.public === true,
    quota: wanted.storage_limit ?? -1,
    registryId: wanted.registry_id ?? 0,
  })
  if (project.registryId !== 0) {
    const policy = proxyDefault(registry.ids.retention.next(), project.id)
    registry.retentions.set(policy.id, policy)
    project.metadata['retention_id'] = String(policy.id)
  }
  auditProject(exchange, 'create', project.name)
  return created(`${exchange.path}/${project.id}`)
}

function deleteProject(exchange: Exchange): Reply {
  const { registry } = exchange
  const project = projectOfPath(exchange)
  if (project.repositories.size > 0) {
    throw precondition('precondition failed: the project contains repositories, can not be deleted')
  }
  registry.projects.delete(project.name)
  registry.projectsById.delete(project.id)
  for (const robot of registry.robots.values()) {
    const isItsOwn = robot.permissions.some(({ namespace }) => namespace === project.name)
    if (robot.level === 'project' && isItsOwn) registry.robots.delete(robot.id)
  }
  auditProject(exchange, 'delete', project.name)
  return empty(200)
}

function auditProject({ registry, caller }: Exchange, operation: string, name: string): void {
  recordAudit(registry, {
    operation,
    resourceType: 'project',
    resource: name,
    description: `${operation} project: ${name}`,
    user: nameOf(caller),
  })
}

function summary(exchange: Exchange): Reply {
  const { registry, caller } = exchange
  const project = projectOfPath(exchange)
  const may = (resource: string, action: string): boolean =>
    can(registry, caller, { project: project.id, resource, action })
  const { hard, used } = project.quota
  return json({
    ...(may('member', 'list') && memberCounts(project)),
    ...(may('quota', 'read') && { quota: { hard: { storage: hard }, used: { storage: used } } }),
    repo_count: project.repositories.size,
  })
}

function memberCounts(project: Project): Record<string, number> {
  const names: Readonly<Record<Role, string>> = {
    projectAdmin: 'project_admin_count',
    maintainer: 'maintainer_count',
    developer: 'developer_count',
    guest: 'guest_count',
    limitedGuest: 'limited_guest_count',
  }
  const counts: Record<string, number> = {}
  for (const role of project.members.values()) counts[names[role]] = (counts[names[role]] ?? 0) + 1
  return counts
}

function metadata(exchange: Exchange): Reply {
  return json(projectOfPath(exchange).metadata)
}
