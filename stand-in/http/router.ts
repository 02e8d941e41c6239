// The routes of the API v2.0 and what each of them asks of its caller.
import type { Caller } from '../security/caller.ts'
import { can } from '../security/can.ts'
import { HarborError, notFound } from '../state/error.ts'
import type { Registry, Version } from '../state/registry.ts'
import { type Exchange, type Handler, projectOfPath } from './exchange.ts'

/** Anybody; anybody logged in; who may do that in the path's project, or in the system. */
export type Need = 'open' | 'login' | `project ${string}:${string}` | `system ${string}:${string}`

export interface Route {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** `:name` stands for one segment. */
  readonly path: string
  readonly need: Need
  readonly handle: Handler
  /** Routes that Harbor 2.10 doesn't have. */
  readonly since?: Version
}

export const API = '/api/v2.0'

export class Router {
  private readonly bySegments = new Map<number, { segments: readonly string[]; route: Route }[]>()

  constructor(routes: readonly Route[], version: Version) {
    for (const route of routes) {
      if (route.since === undefined || route.since === version) this.add(route)
    }
  }

  private add(route: Route): void {
    const segments = route.path.split('/')
    const sameLength = this.bySegments.get(segments.length) ?? []
    this.bySegments.set(segments.length, [...sameLength, { segments, route }])
  }

  find(method: string, path: string): { route: Route; params: Record<string, string> } {
    const segments = path.split('/')
    const allowed: string[] = []
    for (const { segments: pattern, route } of this.bySegments.get(segments.length) ?? []) {
      if (pattern.every((part, index) => part.startsWith(':') || part === segments[index])) {
        if (route.method === method) return { route, params: paramsOf(pattern, segments) }
        allowed.push(route.method)
      }
    }
    if (allowed.length === 0) throw notFound(`path ${API}${path} was not found`)
    throw new HarborError(
      'METHOD_NOT_ALLOWED',
      `method ${method} is not allowed, but [${allowed.join(',')}] are`,
    )
  }
}

function paramsOf(pattern: readonly string[], segments: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {}
  for (const [index, part] of pattern.entries()) {
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(segments[index] ?? '')
  }
  return params
}

/** Who may not hears 401 when nobody, 403 when somebody; in the system 403 with the name (recordings 083, 093). */
export function requirePermission(exchange: Exchange, need: Need): void {
  const { registry, caller } = exchange
  if (need === 'open') return
  const [scope, wanted = ''] = need.split(' ')
  const [resource = '', action = ''] = wanted.split(':')
  if (scope === 'project') {
    const project = projectIdOfPath(exchange)
    if (can(registry, caller, { project, resource, action })) return
    throw refusal(caller, 'forbidden')
  }
  requireLogin(caller)
  if (scope === 'system' && !can(registry, caller, { project: null, resource, action })) {
    throw refusal(caller, callerName(caller))
  }
}

export function requireLogin(caller: Caller, message = 'unauthorized'): void {
  if (caller.kind === 'anonymous') throw new HarborError('UNAUTHORIZED', message)
}

/** An unknown project has no id, and nobody but an administrator may do anything there. */
export function projectIdOfPath(exchange: Exchange): number {
  try {
    return projectOfPath(exchange).id
  } catch (error) {
    if (error instanceof HarborError && error.code === 'NOT_FOUND') return 0
    throw error
  }
}

function refusal(caller: Caller, message: string): HarborError {
  return caller.kind === 'anonymous'
    ? new HarborError('UNAUTHORIZED', 'unauthorized')
    : new HarborError('FORBIDDEN', message)
}

export function requireIn(
  registry: Registry,
  caller: Caller,
  wanted: { project: number | null; resource: string; action: string },
): void {
  if (can(registry, caller, wanted)) return
  throw refusal(caller, wanted.project === null ? callerName(caller) : 'forbidden')
}

function callerName(caller: Caller): string {
  return caller.kind === 'anonymous' ? '' : caller.name
}
