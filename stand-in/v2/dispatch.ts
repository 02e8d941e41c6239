// The distribution API: which request it is, and whether its caller may. A repository's name may have slashes.
import type { Exchange, Handler } from '../http/exchange.ts'
import { type Reply, FROM_DISTRIBUTION, plainError, rawJson } from '../http/reply.ts'
import { can } from '../security/can.ts'
import { HarborError } from '../state/error.ts'
import { projectOf } from '../state/registry.ts'
import { finishUpload, getBlob, headBlob, patchUpload, startUpload, uploadStatus } from './blobs.ts'
import { deleteManifest, getManifest, putManifest } from './manifests.ts'
import { catalog, listReferrers, listTags } from './lists.ts'

const NAME = '[a-z0-9]+(?:[._/-]+[a-z0-9]+)*'
const DIGEST = '[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}'

interface Kind {
  readonly pattern: RegExp
  readonly handlers: Readonly<Partial<Record<string, Handler>>>
}

const REFERRERS = { GET: listReferrers }
/** The first group is the repository, the second what is asked of it. */
const KINDS: readonly Kind[] = [
  { pattern: new RegExp(`^/v2/(${NAME})/tags/list$`), handlers: { GET: listTags } },
  {
    pattern: new RegExp(`^/v2/(${NAME})/manifests/([^/]+)$`),
    handlers: { GET: getManifest, HEAD: getManifest, PUT: putManifest, DELETE: deleteManifest },
  },
  { pattern: new RegExp(`^/v2/(${NAME})/blobs/uploads/?$`), handlers: { POST: startUpload } },
  {
    pattern: new RegExp(`^/v2/(${NAME})/blobs/uploads/([0-9a-zA-Z-]+)$`),
    handlers: { GET: uploadStatus, PATCH: patchUpload, PUT: finishUpload },
  },
  { pattern: new RegExp(`^/v2/(${NAME})/blobs/(${DIGEST})$`), handlers: { GET: getBlob, HEAD: headBlob } },
  { pattern: new RegExp(`^/v2/(${NAME})/referrers/([^/]+)$`), handlers: REFERRERS },
]

const ACTIONS: Readonly<Partial<Record<string, 'pull' | 'push' | 'delete'>>> = {
  GET: 'pull',
  HEAD: 'pull',
  POST: 'push',
  PATCH: 'push',
  PUT: 'push',
  DELETE: 'delete',
}

export function dispatch(exchange: Exchange): Reply {
  const { path, method } = exchange
  if (path === '/v2/') return base(exchange)
  if (path === '/v2/_catalog') return requireCatalog(exchange)
  for (const { pattern, handlers } of KINDS) {
    const found = pattern.exec(path)
    if (found !== null) {
      const [, repository = '', reference = ''] = found
      requireRepository(exchange, repository)
      const handle = handlers[method] ?? otherMethod(handlers)
      return handle({ ...exchange, params: { repository, reference: decodeURIComponent(reference) } })
    }
  }
  throw unauthorized(`un-recognized request: ${method} ${path}`, '')
}

/** What Harbor doesn't know itself it passes on to the registry behind it, which doesn't know referrers. */
function otherMethod(handlers: Kind['handlers']): Handler {
  if (handlers === REFERRERS) return () => plainError(404, '404 page not found', FROM_DISTRIBUTION)
  const allow = Object.keys(handlers).toSorted().join(', ')
  return () => plainError(405, 'Method not allowed', { ...FROM_DISTRIBUTION, allow })
}

function base(exchange: Exchange): Reply {
  if (exchange.caller.kind === 'anonymous') throw unauthorized('unauthorized', challenge(exchange, ''))
  return { ...rawJson({}, FROM_DISTRIBUTION), body: '{}' }
}

function requireCatalog(exchange: Exchange): Reply {
  const { registry, caller, method } = exchange
  if (!can(registry, caller, { project: null, resource: 'catalog', action: 'read' })) {
    throw unauthorized('unauthorized to list catalog', 'Basic realm="harbor"')
  }
  return method === 'GET' ? catalog(exchange) : otherMethod({ GET: catalog })(exchange)
}

/** Reads need credentials even of a public project; what isn't allowed is 401 here, never 403. */
function requireRepository(exchange: Exchange, repository: string): void {
  const { registry, caller, method, headers, query } = exchange
  const action = ACTIONS[method] ?? 'pull'
  const scope = `repository:${repository}:${action === 'push' ? 'pull,push' : action}`
  if (headers.authorization === undefined && action === 'pull') {
    throw unauthorized('authorize header needed to send HEAD to repository', challenge(exchange, scope))
  }
  const wanted = [{ repository, action }]
  const source = query.get('from')
  if (method === 'POST' && query.has('mount') && source !== null) {
    wanted.push({ repository: source, action: 'pull' })
  }
  for (const { repository: name, action: needed } of wanted) {
    const project = registry.projects.get(projectOf(name))
    if (project === undefined) throw unauthorized(`project ${projectOf(name)} not found`, '')
    if (!can(registry, caller, { project: project.id, resource: 'repository', action: needed })) {
      const message = `unauthorized to access repository: ${name}, action: ${needed}`
      throw unauthorized(message, challenge(exchange, scope))
    }
  }
}

/** Without credentials the way to the token service, else plain basic (recordings 101; recordings-2, 058). */
function challenge({ headers, origin }: Exchange, scope: string): string {
  if (headers.authorization !== undefined) return 'Basic realm="harbor"'
  const bearer = `Bearer realm="${origin}/service/token",service="harbor-registry"`
  return scope === '' ? bearer : `${bearer},scope="${scope}"`
}

function unauthorized(message: string, authenticate: string): HarborError {
  return new HarborError('UNAUTHORIZED', `${message}: ${message}`, {
    headers: { ...FROM_DISTRIBUTION, 'www-authenticate': authenticate },
  })
}
