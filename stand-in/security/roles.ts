// What the members of a project may do. Each role may do what the one before it may, and this.
import type { Role } from '../state/model.ts'

const ADDED: readonly (readonly [Role, string])[] = [
  [
    'limitedGuest',
    `.:read quota:read repository:list repository:read repository:pull configuration:read scan:read sbom:read
     scanner:read tag:list accessory:list artifact:read artifact:list artifact-addition:read`,
  ],
  ['guest', 'member:read member:list label:read label:list robot:read robot:list'],
  [
    'developer',
    `repository:create repository:update repository:push tag-retention:create tag-retention:read
     tag-retention:update tag-retention:delete tag-retention:list tag-retention:operate artifact:create
     tag:create artifact-label:create artifact-label:delete export-cve:create export-cve:read export-cve:list`,
  ],
  [
    'maintainer',
    `metadata:read label:create label:update label:delete repository:delete immutable-tag:create
     immutable-tag:update immutable-tag:delete immutable-tag:list notification-policy:read
     notification-policy:list scan:create scan:stop sbom:create sbom:stop artifact:delete tag:delete`,
  ],
  [
    'projectAdmin',
    `.:update .:delete member:create member:update member:delete metadata:create metadata:update
     metadata:delete log:list configuration:update robot:create robot:update robot:delete
     notification-policy:create notification-policy:update notification-policy:delete scanner:create
     preheat-policy:create preheat-policy:read preheat-policy:update preheat-policy:delete preheat-policy:list`,
  ],
]

const PUBLIC = `.:read label:read label:list repository:list repository:pull scan:read scanner:read tag:list
  artifact:read artifact:list artifact-addition:read accessory:list`

/** `resource:action`; `.` is the project itself. */
export type Permission = string

export const ROLE_PERMISSIONS: ReadonlyMap<Role, ReadonlySet<Permission>> = accumulated()
export const PUBLIC_PERMISSIONS: ReadonlySet<Permission> = new Set(words(PUBLIC))
/** Everything that there is to do in a project. */
export const PROJECT_PERMISSIONS: readonly Permission[] = [...(ROLE_PERMISSIONS.get('projectAdmin') ?? [])]

function accumulated(): Map<Role, Set<Permission>> {
  const all = new Set<Permission>()
  return new Map(
    ADDED.map(([role, permissions]) => {
      for (const permission of words(permissions)) all.add(permission)
      return [role, new Set(all)]
    }),
  )
}

function words(text: string): string[] {
  return text.split(/\s+/)
}
