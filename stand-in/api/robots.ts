// Robot accounts: made, listed, taken away.
import { randomBytes } from 'node:crypto'
import { type Exchange, bodyJson, numberParam } from '../http/exchange.ts'
import { type Reply, empty, json } from '../http/reply.ts'
import { type Route, requireIn } from '../http/router.ts'
import { nameOf } from '../security/caller.ts'
import { ROBOT_PERMISSIONS } from '../security/robot-catalogue.ts'
import { recordAudit } from '../state/audit.ts'
import { badRequest, notFound } from '../state/error.ts'
import type { Robot, RobotPermission } from '../state/model.ts'
import type { Version } from '../state/registry.ts'
import { addRobot } from '../state/robots.ts'
import { columns } from './columns.ts'
import { list } from './list.ts'
import { parseQ } from './q.ts'
import { instant } from './time.ts'

export const robotRoutes: readonly Route[] = [
  { method: 'GET', path: '/robots', need: 'login', handle: listRobots },
  { method: 'POST', path: '/robots', need: 'login', handle: create },
  { method: 'GET', path: '/robots/:robot', need: 'login', handle: get },
  { method: 'DELETE', path: '/robots/:robot', need: 'login', handle: remove },
]

interface NewRobot {
  readonly name: string
  readonly level: string
  readonly duration: number
  readonly description?: string
  readonly disable?: boolean
  readonly permissions?: readonly RobotPermission[]
}

function create(exchange: Exchange): Reply {
  const { registry, path } = exchange
  const wanted = bodyJson<NewRobot>(exchange)
  const permissions = wanted.permissions ?? []
  const level = validate(wanted, permissions)
  requireRobots(exchange, level, permissions, 'create')
  const secret = randomBytes(24).toString('base64url')
  const robot = addRobot(registry, { ...wanted, level, permissions, secret })
  auditRobot(exchange, 'create', robot)
  return json(
    {
      creation_time: instant(robot.created),
      expires_at: robot.expires,
      id: robot.id,
      name: robot.name,
      secret,
    },
    { location: `${path}/${robot.id}` },
    201,
  )
}

function validate(wanted: NewRobot, permissions: readonly RobotPermission[]): Robot['level'] {
  const { level, duration } = wanted
  if (duration !== -1 && duration < 1) {
    throw badRequest(
      `bad request error duration input: ${duration}, duration must be either -1(Never) or a positive integer`,
    )
  }
  if (level !== 'system' && level !== 'project') throw badRequest(`bad request error level input: ${level}`)
  if (permissions.length === 0) throw badRequest('bad request empty permission')
  if (permissions.some(({ access }) => access.length === 0)) throw badRequest('bad request empty access')
  if (level === 'project' && permissions.length > 1) throw badRequest('bad request permission')
  for (const { kind, access } of permissions) {
    for (const { resource, action } of access) {
      if (!ROBOT_PERMISSIONS[kind].includes(`${resource}:${action}`)) {
        throw badRequest(`bad request permission: ${resource}:${action}`)
      }
    }
  }
  return level
}

function requireRobots(
  { registry, caller }: Exchange,
  level: Robot['level'],
  permissions: readonly RobotPermission[],
  action: string,
): void {
  const name = permissions[0]?.namespace ?? ''
  const project = level === 'system' ? null : (registry.projects.get(name)?.id ?? 0)
  requireIn(registry, caller, { project, resource: 'robot', action })
}

const COLUMNS = columns<Robot>(
  { name: 'id', alias: 'ID', value: ({ id }) => id, type: 'integer' },
  { name: 'name', alias: 'Name', value: ({ name }) => name.slice(name.search(/[$+][^$+]*$/) + 1) },
)

function listRobots(exchange: Exchange): Reply {
  const { registry, caller, query } = exchange
  const keywords = parseQ(query.get('q'))
  const level = keywords.get('Level')
  const projectId = keywords.get('ProjectID')
  const ofProject = level?.kind === 'exact' && level.value === 'project'
  if (ofProject && projectId?.kind !== 'exact') {
    throw badRequest('must with project ID when to query project robots')
  }
  const project =
    ofProject && projectId?.kind === 'exact' ? registry.projectById(Number(projectId.value)) : undefined
  requireIn(registry, caller, { project: project?.id ?? null, resource: 'robot', action: 'list' })
  const rows = [...registry.robots.values()].filter((robot) => {
    if (project === undefined) return robot.level === 'system'
    return robot.level === 'project' && robot.permissions[0]?.namespace === project.name
  })
  return list(exchange, {
    rows,
    columns: COLUMNS,
    order: (a, b) => (a.name < b.name ? -1 : 1),
    show: (robot) => robotJson(robot, registry.version),
  })
}

function robotJson(robot: Robot, version: Version): Record<string, unknown> {
  return {
    creation_time: instant(robot.created),
    ...(version === '2.15.1' && { creator_ref: 1, creator_type: 'local' }),
    ...(robot.description !== '' && { description: robot.description }),
    disable: robot.disabled,
    duration: robot.expires === -1 ? -1 : Math.round((robot.expires * 1000 - robot.created) / 86_400_000),
    editable: true,
    expires_at: robot.expires,
    id: robot.id,
    level: robot.level,
    name: robot.name,
    permissions: robot.permissions.map(({ kind, namespace, access }) => ({
      access: access.map(({ action, resource }) => ({ action, resource })),
      kind,
      namespace,
    })),
    update_time: instant(robot.created),
  }
}

function robotOfPath(exchange: Exchange, action: string): Robot {
  const id = numberParam(exchange, 'robot')
  const robot = exchange.registry.robots.get(id)
  if (robot === undefined) throw notFound(`robot ${id} not found`)
  requireRobots(exchange, robot.level, robot.permissions, action)
  return robot
}

function get(exchange: Exchange): Reply {
  return json(robotJson(robotOfPath(exchange, 'read'), exchange.registry.version))
}

function remove(exchange: Exchange): Reply {
  const robot = robotOfPath(exchange, 'delete')
  exchange.registry.robots.delete(robot.id)
  auditRobot(exchange, 'delete', robot)
  return empty(200)
}

function auditRobot({ registry, caller }: Exchange, operation: string, { name }: Robot): void {
  recordAudit(registry, {
    operation,
    resourceType: 'robot',
    resource: name,
    description: `${operation} robot: ${name}`,
    user: nameOf(caller),
  })
}
