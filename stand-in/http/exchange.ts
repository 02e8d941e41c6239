// One request on its way through the stand-in, as the handlers see it.
import type { IncomingHttpHeaders } from 'node:http'
import type { Caller } from '../security/caller.ts'
import { badRequest } from '../state/error.ts'
import type { Project } from '../state/model.ts'
import type { Registry } from '../state/registry.ts'
import type { Reply } from './reply.ts'
import type { Sessions } from '../security/sessions.ts'
import type { Tokens } from '../security/tokens.ts'
import type { Uploads } from '../v2/uploads.ts'
import type { Work } from './work.ts'
import { parseJson } from '../state/json.ts'

export interface Exchange {
  readonly registry: Registry
  readonly sessions: Sessions
  readonly tokens: Tokens
  readonly uploads: Uploads
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly caller: Caller
  /** `http://host`, by which the caller knows this server. */
  readonly origin: string
  /** What the route's path stands for in this request. */
  readonly params: Readonly<Record<string, string>>
  /** How much the answer had to look at, for the cost model. */
  readonly work: Work
}

export type Handler = (exchange: Exchange) => Reply

export function param({ params }: Exchange, name: string): string {
  return params[name] ?? ''
}

export function numberParam(exchange: Exchange, name: string): number {
  return Number(param(exchange, name))
}

export function flag({ query }: Exchange, name: string, otherwise = false): boolean {
  const value = query.get(name) ?? ''
  return value === '' ? otherwise : /^(?:1|t|true)$/i.test(value)
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as parseJson
export function bodyJson<T>({ body }: Exchange): T {
  try {
    return parseJson<T>(body.toString('utf8'))
  } catch {
    throw badRequest('the body is not JSON')
  }
}

/** `team-a`, or, where a path has `:project`, its id, which counts as a name if the header says so. */
export function projectOfPath(exchange: Exchange): Project {
  const { registry, headers, params } = exchange
  if (params['projectName'] !== undefined) return registry.project(params['projectName'])
  const nameOrId = param(exchange, 'project')
  const isId = /^\d+$/.test(nameOrId) && headers['x-is-resource-name'] !== 'true'
  return isId ? registry.projectById(Number(nameOrId)) : registry.project(nameOrId)
}

/** With the project. In the path it is encoded twice, or once: both are understood (recording 028). */
export function repositoryName(exchange: Exchange): string {
  const name = decodeURIComponent(param(exchange, 'repository'))
  return `${param(exchange, 'projectName')}/${name}`
}
