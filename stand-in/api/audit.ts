// The audit log; before 2.13 it was another one, which 2.15 still has, empty.
import { type Exchange, projectOfPath } from '../http/exchange.ts'
import type { Reply } from '../http/reply.ts'
import { type Route, requireLogin } from '../http/router.ts'
import { can } from '../security/can.ts'
import type { AuditEntry } from '../state/model.ts'
import { columns } from './columns.ts'
import { list } from './list.ts'
import { instant } from './time.ts'

export const auditRoutes: readonly Route[] = [
  { method: 'GET', path: '/auditlog-exts', need: 'open', handle: listExtended, since: '2.15.1' },
  { method: 'GET', path: '/audit-logs', need: 'open', handle: listLegacy },
  { method: 'GET', path: '/projects/:project/logs', need: 'project log:list', handle: listOfProject },
]

const COLUMNS = columns<AuditEntry>(
  { name: 'id', alias: 'ID', value: ({ id }) => id, type: 'integer' },
  { name: 'operation', alias: 'Operation', value: ({ operation }) => operation },
  { name: 'resource', alias: 'Resource', value: ({ resource }) => resource },
  { name: 'resource_type', alias: 'ResourceType', value: ({ resourceType }) => resourceType },
  { name: 'username', alias: 'Username', value: ({ user }) => user },
  { name: 'op_time', alias: 'OpTime', value: ({ time }) => time, type: 'time' },
)

/** Who may not read it is given an empty log, not refused; nobody is refused with nobody's name. */
function entries({ registry, caller }: Exchange): readonly AuditEntry[] {
  requireLogin(caller, '')
  const may = can(registry, caller, { project: null, resource: 'audit-log', action: 'list' })
  return may ? registry.audit.toReversed() : []
}

function listEntries(exchange: Exchange, rows: readonly AuditEntry[], extended: boolean): Reply {
  return list(exchange, {
    rows,
    columns: COLUMNS,
    order: (a, b) => b.time - a.time || b.id - a.id,
    show: (entry) => ({
      id: entry.id,
      op_time: instant(entry.time),
      operation: entry.operation,
      ...(extended && { operation_description: entry.description, operation_result: true }),
      resource: entry.resource,
      resource_type: entry.resourceType,
      username: entry.user,
    }),
  })
}

function listExtended(exchange: Exchange): Reply {
  return listEntries(exchange, entries(exchange), true)
}

function listLegacy(exchange: Exchange): Reply {
  const all = entries(exchange)
  return listEntries(exchange, exchange.registry.version === '2.15.1' ? [] : all, false)
}

function listOfProject(exchange: Exchange): Reply {
  const { name } = projectOfPath(exchange)
  const all = exchange.registry.version === '2.15.1' ? [] : exchange.registry.audit.toReversed()
  const own = all.filter(({ resource }) => resource === name || resource.startsWith(`${name}/`))
  return listEntries(exchange, own, false)
}
