// Blobs of the distribution API: read, and pushed in one piece, in many, or by mounting another repository's.
import { type Exchange, param } from '../http/exchange.ts'
import { type Reply, FROM_DISTRIBUTION, empty } from '../http/reply.ts'
import { associate, blobSource, linkedBlob, putBlob, requestStorage } from '../state/blobs.ts'
import { bytesOf } from '../state/content.ts'
import { HarborError, notFound } from '../state/error.ts'
import type { Blob, Project, Repository } from '../state/model.ts'
import { refuseProxy } from '../state/push.ts'
import { projectOf } from '../state/registry.ts'

function blobOf(exchange: Exchange): Blob {
  return linkedBlob(exchange.registry, param(exchange, 'repository'), param(exchange, 'reference'))
}

function blobHeaders({ digest, size }: Blob): Record<string, string> {
  return {
    ...FROM_DISTRIBUTION,
    'accept-ranges': 'bytes',
    'cache-control': 'max-age=31536000',
    'content-length': String(size),
    'content-type': 'application/octet-stream',
    'docker-content-digest': digest,
    etag: `"${digest}"`,
  }
}

/** Harbor itself looks first, and makes the blob young again, wherever it is (recordings-2, 060 and 061). */
export function headBlob(exchange: Exchange): Reply {
  const { registry } = exchange
  const digest = param(exchange, 'reference')
  const known = registry.blobs.get(digest)
  if (known === undefined) throw notFound(`blob ${digest} not found`)
  known.updated = registry.clock.now()
  return { status: 200, headers: blobHeaders(blobOf(exchange)), body: '' }
}

export function getBlob(exchange: Exchange): Reply {
  const blob = blobOf(exchange)
  const bytes = bytesOf(blob.content)
  const range = /^bytes=(\d+)-(\d*)$/.exec(exchange.headers.range ?? '')
  if (range === null) return { status: 200, headers: blobHeaders(blob), body: bytes }
  const start = Number(range[1])
  const end = range[2] === '' ? blob.size - 1 : Math.min(Number(range[2]), blob.size - 1)
  if (start > end) return empty(416, { 'content-range': `bytes */${blob.size}` })
  return {
    status: 206,
    headers: {
      ...blobHeaders(blob),
      'content-length': String(end - start + 1),
      'content-range': `bytes ${start}-${end}/${blob.size}`,
    },
    body: bytes.subarray(start, end + 1),
  }
}

function projectOfBlob(exchange: Exchange): Project {
  return exchange.registry.project(projectOf(param(exchange, 'repository')))
}

/** A place to upload to, or, where `mount` names a blob that `from` has, nothing left to do. */
export function startUpload(exchange: Exchange): Reply {
  const { registry, uploads, query } = exchange
  const name = param(exchange, 'repository')
  const project = projectOfBlob(exchange)
  refuseProxy(project)
  const mounted = registry.blobs.get(query.get('mount') ?? '')
  const source = registry.findRepository(query.get('from') ?? '')
  if (mounted !== undefined && source?.blobs.has(mounted) === true) {
    if (!project.blobs.has(mounted)) requestStorage(project, mounted.size)
    mount(registry.ensureRepository(name), mounted, registry.clock.now())
    return blobCreated(exchange, mounted.digest)
  }
  return uploadAccepted(exchange, uploads.start(name), 0)
}

function mount(repository: Repository, blob: Blob, at: number): void {
  repository.blobs.add(blob)
  associate(repository.project, blob, at)
}

export function patchUpload(exchange: Exchange): Reply {
  const { uploads, headers, body } = exchange
  const repository = param(exchange, 'repository')
  const id = param(exchange, 'reference')
  const start = /^(?:bytes )?(\d+)-/.exec(headers['content-range'] ?? '')?.[1]
  if (start !== undefined && Number(start) !== uploads.size(repository, id)) {
    throw new HarborError('BLOB_UPLOAD_INVALID', 'blob upload invalid', { details: [{}] })
  }
  return uploadAccepted(exchange, id, uploads.append(repository, id, body))
}

export function uploadStatus(exchange: Exchange): Reply {
  const id = param(exchange, 'reference')
  const size = exchange.uploads.size(param(exchange, 'repository'), id)
  return { ...uploadAccepted(exchange, id, size), status: 204 }
}

/** The last piece. Whether the quota allows it is asked before anything else (recordings-2, 055). */
export function finishUpload(exchange: Exchange): Reply {
  const { registry, uploads, query, body } = exchange
  const name = param(exchange, 'repository')
  const id = param(exchange, 'reference')
  const digest = query.get('digest') ?? ''
  const project = projectOfBlob(exchange)
  const known = registry.blobs.get(digest)
  if (known === undefined || !project.blobs.has(known)) {
    requestStorage(project, body.length > 0 ? body.length : uploads.accepted(id))
  }
  uploads.append(name, id, body)
  const source = blobSource(uploads.finish(name, id))
  if (source.digest !== digest) {
    throw new HarborError('DIGEST_INVALID', 'provided digest did not match uploaded content')
  }
  putBlob(registry, registry.ensureRepository(name), source)
  return blobCreated(exchange, digest)
}

function uploadAccepted(exchange: Exchange, id: string, size: number): Reply {
  return empty(202, {
    ...FROM_DISTRIBUTION,
    'docker-upload-uuid': id,
    location: `${exchange.origin}/v2/${param(exchange, 'repository')}/blobs/uploads/${id}`,
    range: `0-${Math.max(0, size - 1)}`,
  })
}

function blobCreated(exchange: Exchange, digest: string): Reply {
  return empty(201, {
    ...FROM_DISTRIBUTION,
    'docker-content-digest': digest,
    location: `${exchange.origin}/v2/${param(exchange, 'repository')}/blobs/${digest}`,
  })
}
