// Garbage collection: start it, and see what became of it.
import { type Exchange, bodyJson, numberParam } from '../http/exchange.ts'
import { type Reply, created, empty, json, plain } from '../http/reply.ts'
import type { Route } from '../http/router.ts'
import { badRequest, notFound } from '../state/error.ts'
import { nextTime } from '../state/cron.ts'
import { type Execution, executionsOf, stopJob } from '../state/execution.ts'
import { startGc } from '../state/gc.ts'
import { NEVER } from '../state/model.ts'
import { columns } from './columns.ts'
import { list } from './list.ts'
import { instant } from './time.ts'

export const gcRoutes: readonly Route[] = [
  { method: 'GET', path: '/system/gc', need: 'system garbage-collection:list', handle: history },
  { method: 'GET', path: '/system/gc/schedule', need: 'system garbage-collection:read', handle: schedule },
  { method: 'POST', path: '/system/gc/schedule', need: 'system garbage-collection:create', handle: start },
  {
    method: 'PUT',
    path: '/system/gc/schedule',
    need: 'system garbage-collection:update',
    handle: reschedule,
  },
  { method: 'GET', path: '/system/gc/:gc', need: 'system garbage-collection:read', handle: get },
  { method: 'PUT', path: '/system/gc/:gc', need: 'system garbage-collection:stop', handle: stop },
  { method: 'GET', path: '/system/gc/:gc/log', need: 'system garbage-collection:read', handle: log },
]

const COLUMNS = columns<Execution>(
  { name: 'id', alias: 'ID', value: ({ id }) => id, type: 'integer' },
  { name: 'status', alias: 'Status', value: ({ status }) => status },
)

function history(exchange: Exchange): Reply {
  return list(exchange, {
    rows: executionsOf(exchange.registry, 'GARBAGE_COLLECTION'),
    columns: COLUMNS,
    order: (a, b) => b.started - a.started || b.id - a.id,
    show: gcJson,
  })
}

function gcJson(execution: Execution): Record<string, unknown> {
  const parameters = Object.entries(execution.parameters).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    creation_time: instant(execution.started),
    id: execution.id,
    job_kind: 'MANUAL',
    job_name: 'GARBAGE_COLLECTION',
    job_parameters: JSON.stringify(Object.fromEntries(parameters)),
    job_status: execution.status,
    schedule: { next_scheduled_time: instant(NEVER), type: 'Manual' },
    update_time: instant(execution.updated),
  }
}

interface Start {
  readonly schedule?: { readonly type?: string; readonly cron?: string }
  readonly parameters?: {
    readonly dry_run?: boolean
    readonly delete_untagged?: boolean
    readonly delete_tag?: boolean
    readonly workers?: number
  }
}

/** While one runs another one is taken too: it queues (recording 155). */
function start(exchange: Exchange): Reply {
  const { schedule: wanted, parameters = {} } = bodyJson<Start>(exchange)
  if (wanted?.type !== 'Manual') return reschedule(exchange)
  const { workers = 0 } = parameters
  if (parameters.workers !== undefined && (workers < 1 || workers > 10)) {
    throw badRequest(
      `Error: Invalid number of workers:${workers}. Workers must be greater than 0 and less than or equal to 10.`,
    )
  }
  const execution = startGc(exchange.registry, {
    dryRun: parameters.dry_run ?? false,
    deleteUntagged: parameters.delete_untagged ?? false,
    deleteTag: parameters.delete_tag ?? false,
    workers,
  })
  return created(`/api/v2.0/system/gc/${execution.id}`)
}

function schedule({ registry }: Exchange): Reply {
  const set = registry.gcSchedule
  if (set === null) return empty(200, { 'content-type': 'application/json' })
  const { type, cron, parameters, created: made } = set
  const next = nextTime(cron, registry.clock.now()) ?? NEVER
  return json({
    creation_time: instant(made),
    id: 1,
    job_kind: cron,
    job_parameters: JSON.stringify(parameters),
    schedule: { cron, next_scheduled_time: instant(next), type },
    update_time: instant(made),
  })
}

/** Kept and shown; the stand-in starts nothing by the clock. */
function reschedule(exchange: Exchange): Reply {
  const { registry, method } = exchange
  const { schedule: wanted, parameters = {} } = bodyJson<Start>(exchange)
  const { type = 'None', cron = '' } = wanted ?? {}
  if (type !== 'None' && nextTime(cron, 0) === undefined) {
    throw badRequest(`invalid cron string for scheduled gc: ${cron}, error: unexpected fields`)
  }
  const set = { type, cron, parameters, created: registry.clock.now() }
  registry.gcSchedule = type === 'None' ? null : set
  return empty(method === 'POST' ? 201 : 200)
}

function executionOfPath(exchange: Exchange): Execution {
  const id = numberParam(exchange, 'gc')
  const execution = exchange.registry.executions.get(id)
  if (execution?.kind === 'GARBAGE_COLLECTION') return execution
  throw notFound(`garbage collection execution ${id} not found`)
}

function get(exchange: Exchange): Reply {
  return json(gcJson(executionOfPath(exchange)))
}

function stop(exchange: Exchange): Reply {
  stopJob(exchange.registry, executionOfPath(exchange))
  return empty(200)
}

function log(exchange: Exchange): Reply {
  const id = numberParam(exchange, 'gc')
  const execution = exchange.registry.executions.get(id)
  const task = execution?.kind === 'GARBAGE_COLLECTION' ? execution.tasks[0] : undefined
  if (task === undefined) throw notFound(`garbage collection ${id} log is not found`)
  return plain(task.log)
}
