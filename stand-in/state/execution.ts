// Harbor's jobs: an execution is what was asked for, its tasks are what the job service ran.
import { HarborError, internal } from './error.ts'
import type { Registry } from './registry.ts'

export type ExecutionKind = 'GARBAGE_COLLECTION' | 'RETENTION' | 'SCAN'

export type Status = 'Running' | 'Success' | 'Error' | 'Stopped'

export interface Task {
  readonly id: number
  readonly jobId: string
  status: Status
  started: number
  ended: number
  log: string
  readonly result: Record<string, unknown>
}

export interface Execution {
  readonly id: number
  readonly kind: ExecutionKind
  /** What it belongs to: a retention policy's id, an artifact's; -1 for the system. */
  readonly owner: number
  readonly parameters: Record<string, unknown>
  readonly tasks: Task[]
  readonly started: number
  updated: number
  ended: number | null
  status: Status
}

export interface Job {
  readonly kind: ExecutionKind
  readonly owner: number
  readonly parameters: Record<string, unknown>
  /** One per task, run in this order; what it returns is the task's log. */
  readonly work: readonly ((task: Task) => string)[]
}

/** Queues the job; its tasks run, and a while later its execution says so, as the clock goes by. */
export function startJob(registry: Registry, { kind, owner, parameters, work }: Job): Execution {
  const { clock } = registry
  const now = clock.now()
  const tasks = work.map((): Task => {
    const id = registry.ids.task.next()
    return { id, jobId: jobId(id), status: 'Running', started: now, ended: now, log: '', result: {} }
  })
  const id = registry.ids.execution.next()
  const execution: Execution = {
    id,
    kind,
    owner,
    parameters,
    tasks,
    started: now,
    updated: now,
    ended: null,
    status: 'Running',
  }
  registry.executions.set(id, execution)
  clock.later(clock.timings.jobRun, () => {
    for (const [index, task] of tasks.entries()) runTask(registry, kind, { task, work: work[index] })
  })
  clock.later(clock.timings.jobMark, () => {
    finish(registry, execution, tasks.some(({ status }) => status === 'Error') ? 'Error' : 'Success')
  })
  return execution
}

function runTask(
  registry: Registry,
  kind: ExecutionKind,
  { task, work }: { task: Task; work: ((task: Task) => string) | undefined },
): void {
  if (task.status !== 'Running' || work === undefined) return
  task.status = 'Success'
  task.ended = registry.clock.now()
  try {
    if (registry.failing.has(kind)) throw internal()
    task.log = work(task)
  } catch (error) {
    if (!(error instanceof HarborError)) throw error
    task.status = 'Error'
    task.log = `${error.message}\n`
  }
}

/** A job that hasn't run its tasks yet never will. */
export function stopJob(registry: Registry, execution: Execution): void {
  for (const task of execution.tasks) if (task.status === 'Running') task.status = 'Stopped'
  finish(registry, execution, 'Stopped')
}

function finish(registry: Registry, execution: Execution, status: Status): void {
  if (execution.status !== 'Running') return
  const now = registry.clock.now()
  execution.status = status
  execution.updated = now
  execution.ended = now
}

export function executionsOf(registry: Registry, kind: ExecutionKind, owner?: number): Execution[] {
  return [...registry.executions.values()]
    .filter((execution) => execution.kind === kind && (owner === undefined || execution.owner === owner))
    .toReversed()
}

function jobId(task: number): string {
  return task.toString(16).padStart(24, '0')
}
