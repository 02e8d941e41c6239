// What the distribution API lists: tags, repositories, referrers. Names in order, `last` says where to go on.
import { type Exchange, param } from '../http/exchange.ts'
import { type Reply, rawJson } from '../http/reply.ts'
import { badRequest } from '../state/error.ts'
import { isDigest } from '../state/registry.ts'

const INDEX = 'application/vnd.oci.image.index.v1+json'

export function listTags(exchange: Exchange): Reply {
  const name = param(exchange, 'repository')
  const { n, last } = limits(exchange)
  if (n === 0) return rawJson({ name, tags: [] })
  const all = [...exchange.registry.repository(name).tags.keys()].toSorted()
  const from = last === '' ? 0 : all.findIndex((tag) => tag > last)
  const tags = from === -1 ? [] : all.slice(from, n === undefined ? undefined : from + n)
  return rawJson({ name, tags }, nextLink(exchange, n, all, tags))
}

/** Only repositories that have something in them. */
export function catalog(exchange: Exchange): Reply {
  const { n, last: after } = limits(exchange)
  // Without a limit everything is listed, wherever it should start.
  const last = n === undefined ? '' : after
  const all = [...exchange.registry.repositories()]
    .filter(({ artifacts }) => artifacts.size > 0)
    .map(({ name }) => name)
    .toSorted()
  const from = last === '' ? 0 : all.indexOf(last) + 1
  if (last !== '' && from === 0) throw badRequest(`the last: ${last} should be a valid repository name.`)
  const repositories = all.slice(from, n === undefined ? undefined : from + n)
  return rawJson({ repositories }, nextLink(exchange, n, all, repositories))
}

function limits({ query }: Exchange): { n: number | undefined; last: string } {
  const n = query.get('n') ?? ''
  if (n !== '' && !/^\d+$/.test(n)) throw badRequest('the N must be a positive int type')
  return { n: n === '' ? undefined : Number(n), last: query.get('last') ?? '' }
}

function nextLink(
  { path }: Exchange,
  n: number | undefined,
  all: readonly string[],
  shown: readonly string[],
): Record<string, string> {
  const last = shown.at(-1)
  if (n === undefined || last === undefined || last === all.at(-1)) return {}
  return { link: `<${path}?last=${encodeURIComponent(last)}&n=${n}>; rel="next"` }
}

export function listReferrers(exchange: Exchange): Reply {
  const { registry, query } = exchange
  const digest = param(exchange, 'reference')
  if (!isDigest(digest)) {
    throw badRequest(`unsupported digest ${digest}: invalid checksum digest format`)
  }
  const isNew = registry.version === '2.15.1'
  const repository = registry.findRepository(param(exchange, 'repository'))
  const subject = repository?.artifacts.get(digest)
  if (subject === undefined && !isNew) return rawJson({}, { 'content-type': INDEX, 'x-total-count': '0' })
  const referrers = subject?.accessories ?? repository?.orphans.get(digest) ?? []
  const type = query.get('artifactType') ?? ''
  const manifests = referrers
    .map(({ artifact }) => ({
      mediaType: artifact.manifestMediaType,
      digest: artifact.digest,
      size: isNew ? artifact.manifest.size : artifact.size,
      ...(artifact.annotations && { annotations: artifact.annotations }),
      artifactType: isNew ? artifact.artifactType : artifact.mediaType,
    }))
    .filter(({ artifactType }) => type === '' || artifactType === type)
    .map(({ artifactType, ...rest }) => ({ ...rest, ...(artifactType !== '' && { artifactType }) }))
  return rawJson(
    { schemaVersion: 2, mediaType: INDEX, manifests },
    {
      'content-type': INDEX,
      'x-total-count': String(referrers.length),
      ...(type !== '' && { 'oci-filters-applied': 'artifactType' }),
    },
  )
}
