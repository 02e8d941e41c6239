// What a robot can be given at all, and what there is to do in the system (recordings 062; recordings-2, 006).
type Rows = readonly (readonly [resource: string, actions: string])[]

const PROJECT: Rows = [
  ['log', 'list'],
  ['project', 'read delete update'],
  ['metadata', 'read create delete list update'],
  ['repository', 'read update delete list pull push'],
  ['artifact', 'read create list delete'],
  ['scan', 'create read stop'],
  ['sbom', 'create stop read'],
  ['tag', 'create list delete'],
  ['accessory', 'list'],
  ['artifact-addition', 'read'],
  ['artifact-label', 'create delete'],
  ['scanner', 'create read'],
  ['preheat-policy', 'read create delete list update'],
  ['immutable-tag', 'create delete list update'],
  ['notification-policy', 'read create delete list update'],
  ['tag-retention', 'read create delete list update'],
  ['label', 'read create delete list update'],
  ['quota', 'read'],
  ['robot', 'create read list delete'],
  ['export-cve', 'create read'],
  ['member', 'create read update list delete'],
]

const SYSTEM: Rows = [
  ['audit-log', 'list'],
  ['preheat-instance', 'read create delete list update'],
  ['project', 'list create'],
  ['replication-policy', 'read create delete list update'],
  ['replication', 'read create list'],
  ['replication-adapter', 'list'],
  ['registry', 'read create delete list update'],
  ['scan-all', 'read update stop create'],
  ['system-volumes', 'read'],
  ['garbage-collection', 'read create list update stop'],
  ['purge-audit', 'read create list update stop'],
  ['jobservice-monitor', 'list stop'],
  ['scanner', 'read create delete list update'],
  ['label', 'read create delete update'],
  ['security-hub', 'read list'],
  ['catalog', 'read'],
  ['quota', 'read list'],
  ['robot', 'create read list delete'],
  ['user', 'create read update list delete'],
  ['ldap-user', 'create list'],
  ['quota', 'update'],
  ['user-group', 'create read update list delete'],
]

/** What an administrator is said to be allowed in the system: another list than the one for robots. */
const ADMINISTRATOR: Rows = [
  ['catalog', 'read'],
  ['audit-log', 'list'],
  ['project', 'create read update delete list'],
  ['user', 'create read update delete list'],
  ['user-group', 'create read update delete list'],
  ['registry', 'create read update delete list'],
  ['replication', 'create read update list delete'],
  ['distribution', 'create read update delete list'],
  ['garbage-collection', 'create read update delete list'],
  ['scan-all', 'create read update delete list stop'],
  ['system-volumes', 'read'],
  ['ldap-user', 'create list'],
  ['configuration', 'read update'],
  ['jobservice-monitor', 'read list stop'],
  ['security-hub', 'read list'],
]

/** `resource:action`, in Harbor's order. */
export const ROBOT_PERMISSIONS = { project: spread(PROJECT), system: spread(SYSTEM) } as const
export const SYSTEM_PERMISSIONS: readonly string[] = spread(ADMINISTRATOR)

function spread(rows: Rows): string[] {
  return rows.flatMap(([resource, actions]) => actions.split(' ').map((action) => `${resource}:${action}`))
}
