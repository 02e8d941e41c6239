// The token service that `docker login` and skopeo go to. Bad credentials get a token too, good for nothing.
import type { Exchange } from '../http/exchange.ts'
import { type Reply, empty, rawJson } from '../http/reply.ts'
import { nameOf } from '../security/caller.ts'
import { can } from '../security/can.ts'
import { projectOf } from '../state/registry.ts'
import type { Grant } from '../security/tokens.ts'

const SERVICE = 'harbor-registry'
const ACTIONS = ['pull', 'push', 'delete']

export function issueToken(exchange: Exchange): Reply {
  const { query, caller, tokens } = exchange
  const service = query.get('service') ?? ''
  if (service !== SERVICE) {
    const body = `Unable to handle service: ${service}`
    return { status: 400, headers: { 'content-type': 'text/plain; charset=utf-8' }, body }
  }
  const scopes = query.getAll('scope').flatMap((scope) => scope.split(' '))
  if (caller.kind === 'anonymous' && scopes.length === 0) return empty(401)
  const grants = scopes.map((scope) => grant(exchange, scope))
  const { token, expiresIn, issued } = tokens.issue(nameOf(caller), grants)
  return rawJson({
    token,
    access_token: '',
    expires_in: expiresIn,
    issued_at: `${new Date(issued).toISOString().slice(0, 19)}Z`,
  })
}

/** All that the caller may do there, of what can be asked for. */
function grant({ registry, caller }: Exchange, scope: string): Grant {
  const [, repository = ''] = /^repository:(.+?):[^:]*$/.exec(scope) ?? []
  const project = registry.projects.get(projectOf(repository))?.id ?? 0
  const actions = ACTIONS.filter((action) =>
    can(registry, caller, { project, resource: 'repository', action }),
  )
  return { repository, actions }
}
