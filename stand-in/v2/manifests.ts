// Manifests of the distribution API.
import { type Exchange, param } from '../http/exchange.ts'
import { type Reply, FROM_DISTRIBUTION, empty } from '../http/reply.ts'
import { nameOf } from '../security/caller.ts'
import { bytesOf } from '../state/content.ts'
import { deleteArtifact } from '../state/delete.ts'
import { HarborError } from '../state/error.ts'
import { UNCOUNTED_CLIENT, recordPull } from '../state/pulls.ts'
import { pushManifest } from '../state/push.ts'
import { isDigest } from '../state/registry.ts'

const OCI_TYPES: Readonly<Partial<Record<string, string>>> = {
  'application/vnd.oci.image.manifest.v1+json':
    'OCI manifest found, but accept header does not support OCI manifests',
  'application/vnd.oci.image.index.v1+json':
    'OCI index found, but accept header does not support OCI indexes',
}

export function getManifest(exchange: Exchange): Reply {
  const { registry, method, headers } = exchange
  const reference = param(exchange, 'reference')
  const artifact = registry.artifact(param(exchange, 'repository'), reference)
  const { digest, manifest, manifestMediaType } = artifact
  const known = headers['if-none-match']
  if (known === digest || known === `"${digest}"`) return empty(304)
  requireAccepted(manifestMediaType, headers.accept ?? '')
  if (method === 'GET' && headers['user-agent'] !== UNCOUNTED_CLIENT) {
    recordPull(registry, artifact, isDigest(reference) ? undefined : reference)
  }
  return {
    status: 200,
    headers: {
      ...FROM_DISTRIBUTION,
      'content-type': manifestMediaType,
      'docker-content-digest': digest,
      etag: `"${digest}"`,
    },
    body: bytesOf(manifest.content),
  }
}

/** OCI manifests are only for those who say that they know them; a bare wildcard doesn't say so. */
function requireAccepted(mediaType: string, accept: string): void {
  const refusal = OCI_TYPES[mediaType]
  if (refusal === undefined || accept.includes(mediaType)) return
  throw new HarborError('MANIFEST_UNKNOWN', refusal)
}

export function putManifest(exchange: Exchange): Reply {
  const { registry, caller, body, headers, origin } = exchange
  const repository = param(exchange, 'repository')
  const { artifact, subject } = pushManifest(registry, {
    repository,
    reference: param(exchange, 'reference'),
    bytes: body,
    mediaType: headers['content-type'] ?? '',
    by: nameOf(caller),
  })
  return empty(201, {
    ...FROM_DISTRIBUTION,
    'docker-content-digest': artifact.digest,
    location: `${origin}/v2/${repository}/manifests/${artifact.digest}`,
    ...(subject !== undefined && { 'oci-subject': subject }),
  })
}

/** By digest only: a tag is no way to delete here (recordings-2, 057). */
export function deleteManifest(exchange: Exchange): Reply {
  const { registry, caller } = exchange
  const reference = param(exchange, 'reference')
  if (!isDigest(reference)) {
    throw new HarborError('UNSUPPORTED', `unsupported digest ${reference}: invalid checksum digest format`)
  }
  deleteArtifact(registry, registry.artifact(param(exchange, 'repository'), reference), nameOf(caller))
  return empty(202)
}
