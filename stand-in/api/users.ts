// Who am I, and what may I do.
import { type Exchange, flag } from '../http/exchange.ts'
import { type Reply, json } from '../http/reply.ts'
import type { Route } from '../http/router.ts'
import { can } from '../security/can.ts'
import { PROJECT_PERMISSIONS } from '../security/roles.ts'
import { SYSTEM_PERMISSIONS } from '../security/robot-catalogue.ts'
import { precondition } from '../state/error.ts'
import { instant } from './time.ts'

export const userRoutes: readonly Route[] = [
  { method: 'GET', path: '/users/current', need: 'login', handle: current },
  { method: 'GET', path: '/users/current/permissions', need: 'login', handle: permissions },
]

function current({ caller }: Exchange): Reply {
  if (caller.kind !== 'user') {
    throw precondition(`get current user not available for security context: ${caller.kind}`)
  }
  const { user } = caller
  return json({
    admin_role_in_auth: false,
    comment: user.comment,
    creation_time: instant(user.created),
    realname: user.realName,
    sysadmin_flag: user.admin,
    update_time: instant(user.updated),
    user_id: user.id,
    username: user.name,
  })
}

function permissions(exchange: Exchange): Reply {
  const { registry, caller, query } = exchange
  const scope = query.get('scope') ?? ''
  const isRelative = flag(exchange, 'relative')
  const [project, digits] = /^\/project\/(\d+)(?=\/|$)/.exec(scope) ?? []
  if (project !== undefined) {
    const id = Number(digits)
    const prefix = isRelative ? '' : `${project}/`
    const mine = PROJECT_PERMISSIONS.map(permissionJson).filter((one) => {
      const isKnown = registry.version === '2.15.1' || one.resource !== 'sbom'
      return isKnown && can(registry, caller, { project: id, ...one })
    })
    return json(
      mine.map(({ resource, action }) => ({
        action,
        resource: resource === '.' && !isRelative ? project : `${prefix}${resource}`,
      })),
    )
  }
  // Harbor asks here for resources without their namespace, which only an administrator has: a robot gets
  // nothing even where it may (recordings-2, 010).
  const everything = scope === '/system' && !isRelative && caller.kind === 'user' && caller.user.admin
  return json(everything ? SYSTEM_PERMISSIONS.map(permissionJson) : [])
}

/** `resource:action` as the API shows it. */
export function permissionJson(permission: string): { action: string; resource: string } {
  const [resource = '', action = ''] = permission.split(':')
  return { action, resource }
}
