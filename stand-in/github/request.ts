// One request on its way through the stand-in GitHub, and what its sender may.
import type { IncomingHttpHeaders } from 'node:http'
import { isRecord } from '../state/json.ts'
import { notFound, Refusal } from './errors.ts'
import type { Permission, Pull, Token } from './model.ts'
import type { Repository } from './repository.ts'
import type { State } from './state.ts'

export interface Request {
  readonly state: State
  readonly method: string
  /** Under the API's address. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** Where the API is, as this server calls itself. */
  readonly api: string
  readonly token: Token | undefined
}

/** A request about a repository, which its sender may know of. */
export interface Asked extends Request {
  readonly repository: Repository
  /** What the route's path stands for. */
  readonly params: readonly string[]
}

/** Private repositories aren't there for who may not see them. */
export function maySee(repository: Repository, token: Token | undefined): boolean {
  return !repository.isPrivate || hasAccess(repository, token)
}

function hasAccess({ fullName }: Repository, token: Token | undefined): boolean {
  return token?.repositories.has(fullName.toLowerCase()) === true
}

/**
 * Refuses who may not: one of the permissions is enough. What is public can be read by anybody.
 *
 * @throws Refusal as GitHub words it for apps and for users, with what is missing in X-Accepted-GitHub-Permissions
 */
export function need(asked: Asked, level: 'read' | 'write', ...permissions: readonly Permission[]): void {
  const { repository, token } = asked
  if (level === 'read' && !repository.isPrivate) return
  if (token === undefined) throw new Refusal(401, 'Requires authentication')
  const enough = permissions.some((permission) => {
    const right = token.rights[permission]
    return right === 'write' || (right === 'read' && level === 'read')
  })
  if (enough && hasAccess(repository, token)) return
  const by = token.kind === 'app' ? 'integration' : 'personal access token'
  throw new Refusal(403, `Resource not accessible by ${by}`, {
    headers: {
      'x-accepted-github-permissions': permissions.map((permission) => `${permission}=${level}`).join('; '),
    },
  })
}

/** @throws Refusal when there is no such pull request */
export function pullOf({ repository }: Asked, number: string | undefined): Pull {
  const pull = repository.pulls.get(Number(number))
  if (pull === undefined) throw notFound()
  return pull
}

/** @throws Refusal when it is no mapping */
export function bodyOf({ body }: Request): Readonly<Record<string, unknown>> {
  let parsed: unknown
  try {
    parsed = JSON.parse(body.toString('utf8'))
  } catch {
    throw new Refusal(400, 'Problems parsing JSON')
  }
  if (!isRecord(parsed)) throw new Refusal(400, 'Body should be a JSON object')
  return parsed
}
