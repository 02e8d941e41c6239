// Robot accounts. One of a project logs in as `robot$project+name`, one of the system as `robot$name`.
import { HarborError } from './error.ts'
import type { Robot, RobotPermission } from './model.ts'
import type { Registry } from './registry.ts'

export interface RobotOptions {
  readonly name: string
  readonly secret: string
  readonly level: Robot['level']
  readonly permissions: readonly RobotPermission[]
  readonly description?: string
  /** Days; -1 is for ever, which it also is unless given. */
  readonly duration?: number
  readonly disable?: boolean
}

const DAY_SECONDS = 86_400

export function addRobot(registry: Registry, options: RobotOptions): Robot {
  const { duration = -1 } = options
  const now = registry.clock.now()
  const project = options.level === 'project' ? `${options.permissions[0]?.namespace ?? ''}+` : ''
  const name = `robot$${project}${options.name}`
  if ([...registry.robots.values()].some((robot) => robot.name === name)) {
    throw new HarborError('CONFLICT', `robot account ${name} already exists`)
  }
  const robot: Robot = {
    id: registry.ids.robot.next(),
    name,
    secret: options.secret,
    description: options.description ?? '',
    level: options.level,
    permissions: options.permissions,
    created: now,
    expires: duration === -1 ? -1 : Math.floor(now / 1000) + duration * DAY_SECONDS,
    disabled: options.disable ?? false,
  }
  registry.robots.set(robot.id, robot)
  return robot
}

/** `repository:list artifact:read …`, as a robot's access. */
export function access(permissions: string): RobotPermission['access'] {
  return permissions.split(/\s+/).map((permission) => {
    const [resource = '', action = ''] = permission.split(':')
    return { resource, action }
  })
}
