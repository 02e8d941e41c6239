// What GitHub does with a request: who it is, its limits, whether there is such a thing, whether they may.
import type { Reply } from '../http/reply.ts'
import { createComment, deleteComment, editComment, listComments, showComment } from './comments.ts'
import { showContent } from './contents.ts'
import { json, notFound, Refusal, refusalReply } from './errors.ts'
import { compare, listApprovals, listPullsOf, showCommit, showPull } from './git.ts'
import { bodyOf, maySee, type Asked, type Request } from './request.ts'
import { userJson } from './show.ts'
import type { Repository } from './repository.ts'

interface Route {
  readonly method: string
  /** Under the repository. */
  readonly path: RegExp
  readonly answer: (asked: Asked) => Reply
}

const ROUTES: readonly Route[] = [
  { method: 'GET', path: /^\/issues\/(\d+)\/comments$/, answer: listComments },
  { method: 'POST', path: /^\/issues\/(\d+)\/comments$/, answer: createComment },
  { method: 'GET', path: /^\/issues\/comments\/(\d+)$/, answer: showComment },
  { method: 'PATCH', path: /^\/issues\/comments\/(\d+)$/, answer: editComment },
  { method: 'DELETE', path: /^\/issues\/comments\/(\d+)$/, answer: deleteComment },
  { method: 'GET', path: /^\/contents\/(.*)$/, answer: showContent },
  { method: 'GET', path: /^\/git\/commits\/([^/]+)$/, answer: showCommit },
  { method: 'GET', path: /^\/compare\/(.+)$/, answer: compare },
  { method: 'GET', path: /^\/commits\/([^/]+)\/pulls$/, answer: listPullsOf },
  { method: 'GET', path: /^\/pulls\/(\d+)$/, answer: showPull },
  { method: 'GET', path: /^\/actions\/runs\/(\d+)\/approvals$/, answer: listApprovals },
]

const VERSIONS = new Set(['2022-11-28', '2026-03-10'])

export function handle(request: Request): Reply {
  try {
    return { ...answer(request) }
  } catch (error) {
    if (error instanceof Refusal) return refusalReply(error)
    throw error
  }
}

function answer(request: Request): Reply {
  const { state, headers, token } = request
  if ((headers['user-agent'] ?? '') === '') {
    throw new Refusal(
      403,
      'Request forbidden by administrative rules. Please make sure your request has a User-Agent header',
    )
  }
  if (headers.authorization !== undefined && token === undefined) throw new Refusal(401, 'Bad credentials')
  const version = headers['x-github-api-version'] ?? '2022-11-28'
  if (typeof version !== 'string' || !VERSIONS.has(version)) {
    throw new Refusal(400, `${String(version)} is not a supported version.`)
  }
  limit(request)
  if (request.path === '/graphql') return graphql(request)
  if (request.path === '/user' && request.method === 'GET') {
    if (token === undefined) throw new Refusal(401, 'Requires authentication')
    if (token.kind === 'app') throw new Refusal(403, 'Resource not accessible by integration')
    return json(userJson(token.owner, request.api))
  }
  const [repository, rest] = repositoryOf(request)
  if (repository === undefined || !maySee(repository, token)) throw notFound()
  if (state.formerNames.get(nameIn(request.path)) === repository) return moved(request, repository, rest)
  for (const { method, path, answer: reply } of ROUTES) {
    const found = path.exec(rest)
    if (found === null || method !== request.method) continue
    return reply({ ...request, repository, params: found.slice(1).map((part) => decodeURIComponent(part)) })
  }
  throw notFound()
}

function limit({ state, token }: Request): void {
  const { secondary } = state
  if (secondary.times > 0) {
    secondary.times -= 1
    const message =
      'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
    const headers = secondary.retryAfter === undefined ? {} : { 'retry-after': String(secondary.retryAfter) }
    throw new Refusal(403, message, { headers })
  }
  if (token === undefined || state.spend(token)) return
  const whom = token.kind === 'app' ? `installation ID ${token.owner.id}` : `user ID ${token.owner.id}`
  throw new Refusal(403, `API rate limit exceeded for ${whom}.`)
}

/** Just who one is, which apps can't ask of the other API (`GET /user`). */
function graphql(request: Request): Reply {
  const { token } = request
  if (request.method !== 'POST') throw notFound()
  if (token === undefined) throw new Refusal(401, 'This endpoint requires you to be authenticated.')
  const { query } = bodyOf(request)
  const [, fields = ''] = /viewer\s*\{([^}]*)\}/.exec(String(query)) ?? []
  const known: Readonly<Record<string, unknown>> = { login: token.owner.login, databaseId: token.owner.id }
  const wanted = fields.split(/[\s,]+/).filter((field) => field !== '')
  const unknown = wanted.find((field) => !(field in known))
  if (wanted.length === 0 || unknown !== undefined) {
    const message = `Field '${unknown ?? String(query)}' doesn't exist on type 'User'`
    return json({ errors: [{ message, extensions: { code: 'undefinedField' } }] })
  }
  return json({ data: { viewer: Object.fromEntries(wanted.map((field) => [field, known[field]])) } })
}

function repositoryOf({ state, path }: Request): [Repository | undefined, string] {
  const [, id, rest = ''] = /^\/repositories\/(\d+)(\/.*)?$/.exec(path) ?? []
  if (id !== undefined) return [state.repositories.find((one) => one.id === Number(id)), rest]
  const name = nameIn(path)
  return [state.formerNames.get(name) ?? state.repository(name), path.slice(`/repos/${name}`.length)]
}

function nameIn(path: string): string {
  return /^\/repos\/([^/]+\/[^/]+)/.exec(path)?.[1] ?? ''
}

/** Reads are told 301, changes 307 (octokit/fixtures, rename-repository). */
function moved({ api, method, query }: Request, { id }: Repository, rest: string): Reply {
  const search = query.size === 0 ? '' : `?${query.toString()}`
  const url = `${api}/repositories/${id}${rest}${search}`
  return json({ message: 'Moved Permanently', url }, method === 'GET' ? 301 : 307, { location: url })
}
