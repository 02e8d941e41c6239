// Harbor's own tag retention.
import { type Exchange, bodyJson, numberParam } from '../http/exchange.ts'
import { type Reply, created, empty, json, plain } from '../http/reply.ts'
import { type Route, requireIn } from '../http/router.ts'
import { badRequest, internal, notFound } from '../state/error.ts'
import { type Execution, type Task, executionsOf } from '../state/execution.ts'
import { startRetention } from '../state/retention.ts'
import type { RetentionPolicy, RetentionTemplate } from '../state/retention-policy.ts'
import { columns } from './columns.ts'
import { list } from './list.ts'

const EXECUTIONS = '/retentions/:retention/executions'

export const retentionRoutes: readonly Route[] = [
  { method: 'GET', path: '/retentions/metadatas', need: 'login', handle: metadata },
  { method: 'POST', path: '/retentions', need: 'login', handle: create },
  { method: 'GET', path: '/retentions/:retention', need: 'login', handle: get },
  { method: 'DELETE', path: '/retentions/:retention', need: 'login', handle: remove },
  { method: 'POST', path: EXECUTIONS, need: 'login', handle: start },
  { method: 'GET', path: EXECUTIONS, need: 'login', handle: listExecutions },
  { method: 'GET', path: `${EXECUTIONS}/:execution/tasks`, need: 'login', handle: listTasks },
  { method: 'GET', path: `${EXECUTIONS}/:execution/tasks/:task`, need: 'login', handle: taskLog },
]

const OFFERED: readonly (readonly [RetentionTemplate, string, string | null])[] = [
  ['latestPushedK', 'the most recently pushed # artifacts', 'COUNT'],
  ['latestPulledN', 'the most recently pulled # artifacts', 'COUNT'],
  ['nDaysSinceLastPush', 'pushed within the last # days', 'DAYS'],
  ['nDaysSinceLastPull', 'pulled within the last # days', 'DAYS'],
  ['always', 'always', null],
]
const MAX_RULES = 15

function metadata(): Reply {
  return json({
    scope_selectors: [
      { decorations: ['repoMatches', 'repoExcludes'], display_text: 'Repositories', kind: 'doublestar' },
    ],
    tag_selectors: [{ decorations: ['matches', 'excludes'], display_text: 'Tags', kind: 'doublestar' }],
    templates: OFFERED.map(([template, text, unit]) => ({
      action: 'retain',
      display_text: text,
      params: unit === null ? [] : [{ required: true, type: 'int', unit }],
      rule_template: template,
    })),
  })
}

function requireRetention({ registry, caller }: Exchange, policy: RetentionPolicy, action: string): void {
  requireIn(registry, caller, { project: policy.scope.ref, resource: 'tag-retention', action })
}

function policyOfPath(exchange: Exchange, action: string): RetentionPolicy {
  const id = numberParam(exchange, 'retention')
  const policy = exchange.registry.retentions.get(id)
  if (policy === undefined) {
    throw action === 'read' ? internal() : badRequest(`bad request: no such Retention policy with id ${id}`)
  }
  requireRetention(exchange, policy, action)
  return policy
}

function create(exchange: Exchange): Reply {
  const { registry, path } = exchange
  const wanted = bodyJson<Omit<RetentionPolicy, 'id'>>(exchange)
  if (wanted.rules.length > MAX_RULES) throw badRequest('bad request: only 15 rules are allowed at most')
  requireRetention(exchange, { id: 0, ...wanted }, 'create')
  const project = registry.projectsById.get(wanted.scope.ref)
  if (project === undefined) throw badRequest(`bad request: invalid Project id ${wanted.scope.ref}`)
  const old = project.metadata['retention_id']
  if (old !== undefined) {
    throw badRequest(`bad request: project ${project.id} already has retention policy ${old}`)
  }
  const policy: RetentionPolicy = { id: registry.ids.retention.next(), ...wanted }
  registry.retentions.set(policy.id, policy)
  project.metadata['retention_id'] = String(policy.id)
  return created(`${path}/${policy.id}`)
}

/** Without what is empty. */
function get(exchange: Exchange): Reply {
  const { algorithm, id, rules, scope, trigger } = policyOfPath(exchange, 'read')
  return json({
    algorithm,
    id,
    rules: rules.map(({ disabled, params, ...rule }) => ({
      ...rule,
      ...(disabled === true && { disabled }),
      ...(Object.keys(params).length > 0 && { params }),
    })),
    scope,
    trigger,
  })
}

function remove(exchange: Exchange): Reply {
  const { registry } = exchange
  const policy = policyOfPath(exchange, 'delete')
  registry.retentions.delete(policy.id)
  delete registry.projectById(policy.scope.ref).metadata['retention_id']
  return empty(200)
}

function start(exchange: Exchange): Reply {
  const policy = policyOfPath(exchange, 'update')
  const { dry_run: dryRun = false } = bodyJson<{ dry_run?: boolean }>(exchange)
  const execution = startRetention(exchange.registry, policy, dryRun)
  return created(`${exchange.path}/${execution.id}`)
}

const EXECUTION_COLUMNS = columns<Execution>({
  name: 'id',
  alias: 'ID',
  value: ({ id }) => id,
  type: 'integer',
})
const TASK_COLUMNS = columns<Task>({ name: 'id', alias: 'ID', value: ({ id }) => id, type: 'integer' })
const NOT_YET = '0001-01-01T00:00:00Z'

function listExecutions(exchange: Exchange): Reply {
  const policy = policyOfPath(exchange, 'list')
  return list(exchange, {
    rows: executionsOf(exchange.registry, 'RETENTION', policy.id),
    columns: EXECUTION_COLUMNS,
    order: (a, b) => b.id - a.id,
    show: ({ id, parameters, started, ended, status }) => ({
      dry_run: parameters['dry_run'],
      end_time: ended === null ? NOT_YET : new Date(ended).toISOString(),
      id,
      policy_id: policy.id,
      start_time: new Date(started).toISOString(),
      status,
      trigger: 'MANUAL',
    }),
  })
}

function executionOfPath(exchange: Exchange): Execution {
  const policy = policyOfPath(exchange, 'list')
  const id = numberParam(exchange, 'execution')
  const execution = exchange.registry.executions.get(id)
  if (execution?.kind !== 'RETENTION' || execution.owner !== policy.id) {
    throw notFound(`execution ${id} not found`)
  }
  return execution
}

function listTasks(exchange: Exchange): Reply {
  const execution = executionOfPath(exchange)
  return list(exchange, {
    rows: execution.tasks,
    columns: TASK_COLUMNS,
    order: (a, b) => b.id - a.id,
    show: (task) => ({
      end_time: task.status === 'Running' ? NOT_YET : second(task.ended),
      execution_id: execution.id,
      id: task.id,
      job_id: task.jobId,
      repository: task.result['repository'],
      retained: task.result['retained'] ?? 0,
      start_time: second(task.started),
      status: task.status,
      status_code: task.status === 'Running' ? 2 : 3,
      total: task.result['total'] ?? 0,
    }),
  })
}

function second(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`
}

function taskLog(exchange: Exchange): Reply {
  const id = numberParam(exchange, 'task')
  const task = executionOfPath(exchange).tasks.find((one) => one.id === id)
  if (task === undefined) throw notFound(`task ${id} not found`)
  return plain(task.log)
}
