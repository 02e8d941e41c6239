// Whether somebody may do something: users by their role in the project, robots by what they were given,
// anybody by what a public project lets everybody do.
import type { Project, Robot, RobotPermission } from '../state/model.ts'
import type { Registry } from '../state/registry.ts'
import type { Caller } from './caller.ts'
import { PUBLIC_PERMISSIONS, ROLE_PERMISSIONS } from './roles.ts'

export interface Wanted {
  /** A project's id; null for the system. */
  readonly project: number | null
  /** `artifact`, `garbage-collection`, …; `.` is the project itself. */
  readonly resource: string
  readonly action: string
}

export function can(registry: Registry, caller: Caller, wanted: Wanted): boolean {
  if (caller.kind === 'user' && caller.user.admin) return true
  const project = wanted.project === null ? undefined : registry.projectsById.get(wanted.project)
  if (wanted.project !== null && project === undefined) return false
  if (caller.kind === 'token') return project !== undefined && tokenCan(caller.grants, project, wanted)
  if (caller.kind === 'robot') return robotCan(caller.robot, project, wanted)
  if (project === undefined) return false
  if (isPublic(project) && PUBLIC_PERMISSIONS.has(permission(wanted))) return true
  const role = caller.kind === 'user' ? project.members.get(caller.user) : undefined
  return role !== undefined && ROLE_PERMISSIONS.get(role)?.has(permission(wanted)) === true
}

export function isPublic(project: Project): boolean {
  return project.metadata['public'] === 'true'
}

function permission({ resource, action }: Wanted): string {
  return `${resource}:${action}`
}

function tokenCan(
  grants: readonly { repository: string; actions: readonly string[] }[],
  project: Project,
  { resource, action }: Wanted,
): boolean {
  return grants.some(
    ({ repository, actions }) =>
      resource === 'repository' && repository.startsWith(`${project.name}/`) && actions.includes(action),
  )
}

function robotCan(robot: Robot, project: Project | undefined, wanted: Wanted): boolean {
  if (project === undefined) {
    return robot.permissions.some(({ kind, access }) => {
      return kind === 'system' && access.some((one) => isWanted(one, wanted))
    })
  }
  const own = robot.permissions.filter(({ kind }) => kind === 'project')
  // A robot with nothing in any project isn't even let into public ones.
  if (own.length === 0) return false
  if (isPublic(project) && PUBLIC_PERMISSIONS.has(permission(wanted))) return true
  return own.some((given) => givenIn(given, robot, project, wanted))
}

function givenIn(
  { namespace, access }: RobotPermission,
  robot: Robot,
  project: Project,
  wanted: Wanted,
): boolean {
  if (namespace !== '*' && namespace !== project.name) return false
  return access.some((one) => {
    if (one.resource === 'project') {
      // On all projects this is a pattern that everything in a project matches (recordings-2, 007).
      return one.action === wanted.action && (namespace === '*' || wanted.resource === '.')
    }
    const pullsToo = robot.level === 'project' && one.action === 'push' && wanted.action === 'pull'
    return isWanted(one, wanted) || (pullsToo && one.resource === wanted.resource)
  })
}

function isWanted(given: { resource: string; action: string }, wanted: Wanted): boolean {
  return given.resource === wanted.resource && given.action === wanted.action
}

/** The projects whose existence the caller sees in lists. */
export function visibleProjects(registry: Registry, caller: Caller): Project[] {
  const projects = [...registry.projects.values()]
  if (caller.kind === 'user' && caller.user.admin) return projects
  if (caller.kind === 'robot') {
    const { permissions } = caller.robot
    if (permissions.some(({ kind, namespace }) => kind === 'project' && namespace === '*')) return projects
    const named = new Set(permissions.map(({ namespace }) => namespace))
    return projects.filter((project) => isPublic(project) || named.has(project.name))
  }
  const user = caller.kind === 'user' ? caller.user : undefined
  return projects.filter((project) => isPublic(project) || (user !== undefined && project.members.has(user)))
}
