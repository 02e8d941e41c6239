// The system itself: is it there, what is it, how is it set.
import { type Exchange, bodyJson } from '../http/exchange.ts'
import { type Reply, empty, json, plain } from '../http/reply.ts'
import { type Route, requireLogin } from '../http/router.ts'
import { permissionJson } from './users.ts'
import { isAdmin } from '../security/caller.ts'
import { isPublic } from '../security/can.ts'
import { ROBOT_PERMISSIONS } from '../security/robot-catalogue.ts'
import { isForeign } from '../state/blobs.ts'
import { DEFAULT_CONFIGURATION } from '../state/configuration.ts'
import { HarborError } from '../state/error.ts'
import type { Project } from '../state/model.ts'
import type { Version } from '../state/registry.ts'
import { instant } from './time.ts'

export const systemRoutes: readonly Route[] = [
  { method: 'GET', path: '/ping', need: 'open', handle: () => plain('Pong') },
  { method: 'GET', path: '/health', need: 'open', handle: health },
  { method: 'GET', path: '/systeminfo', need: 'open', handle: systemInfo },
  { method: 'GET', path: '/statistics', need: 'login', handle: statistics },
  { method: 'GET', path: '/configurations', need: 'system configuration:read', handle: configurations },
  { method: 'PUT', path: '/configurations', need: 'system configuration:update', handle: configure },
  { method: 'GET', path: '/permissions', need: 'open', handle: permissions },
]

const COMPONENTS = ['core', 'database', 'jobservice', 'portal', 'redis', 'registry', 'registryctl']

function health(): Reply {
  const components = COMPONENTS.map((name) => ({ name, status: 'healthy' }))
  return json({ components, status: 'healthy' })
}

export const HARBOR_VERSIONS: Readonly<Record<Version, string>> = {
  '2.15.1': 'v2.15.1-9999abcd',
  '2.10.3': 'v2.10.3-',
}

/** Without a login just enough to log in; from 2.10 the version too, which later versions keep back. */
function systemInfo({ registry, caller, origin }: Exchange): Reply {
  const harborVersion = { harbor_version: HARBOR_VERSIONS[registry.version] }
  const anonymous = {
    auth_mode: 'db_auth',
    banner_message: '',
    ...(registry.version === '2.10.3' && harborVersion),
    oidc_provider_name: '',
    primary_auth_mode: false,
    self_registration: false,
  }
  if (caller.kind === 'anonymous') return json(anonymous)
  const externalUrl = registry.externalUrl === '' ? origin : registry.externalUrl
  return json({
    ...anonymous,
    ...harborVersion,
    current_time: instant(registry.clock.now()),
    external_url: externalUrl,
    has_ca_root: false,
    notification_enable: true,
    project_creation_restriction: 'everyone',
    read_only: registry.readOnly,
    registry_storage_provider_name: 'filesystem',
    registry_url: externalUrl.replace(/^https?:\/\//, ''),
  })
}

function statistics({ registry, caller }: Exchange): Reply {
  const projects = [...registry.projects.values()]
  const open = projects.filter(isPublic)
  const own = isAdmin(caller)
    ? projects.filter((project) => !isPublic(project))
    : ownPrivate(projects, caller)
  const total = isAdmin(caller) ? projects : own
  const stored = [...registry.blobs.values()].filter((blob) => !isForeign(blob))
  return json({
    private_project_count: own.length,
    private_repo_count: countRepositories(own),
    public_project_count: open.length,
    public_repo_count: countRepositories(open),
    total_project_count: total.length,
    total_repo_count: countRepositories(total),
    total_storage_consumption: isAdmin(caller) ? stored.reduce((sum, { size }) => sum + size, 0) : 0,
  })
}

function countRepositories(projects: readonly Project[]): number {
  return projects.reduce((sum, { repositories }) => sum + repositories.size, 0)
}

function ownPrivate(projects: readonly Project[], caller: Exchange['caller']): Project[] {
  if (caller.kind !== 'user') return []
  return projects.filter((project) => !isPublic(project) && project.members.has(caller.user))
}

/** Settings that 2.10 doesn't have. */
const LATER = new Set(['disabled_audit_log_event_types', 'ldap_group_attach_parallel', 'oidc_logout'])

function configurations({ registry }: Exchange): Reply {
  const values = Object.entries(DEFAULT_CONFIGURATION)
    .filter(([name]) => registry.version === '2.15.1' || !LATER.has(name))
    .map(([name, value]) => [name, { editable: true, value: registry.configuration.get(name) ?? value }])
  return json({ ...Object.fromEntries(values), scan_all_policy: {} })
}

function configure(exchange: Exchange): Reply {
  for (const [name, value] of Object.entries(bodyJson<Record<string, unknown>>(exchange))) {
    if (name in DEFAULT_CONFIGURATION) exchange.registry.configuration.set(name, value)
  }
  return empty(200)
}

function permissions({ caller }: Exchange): Reply {
  requireLogin(caller, '')
  if (!isAdmin(caller)) {
    throw new HarborError('FORBIDDEN', 'forbidden: only admins(system and project) can access permissions')
  }
  return json({
    project: ROBOT_PERMISSIONS.project.map(permissionJson),
    system: ROBOT_PERMISSIONS.system.map(permissionJson),
  })
}
