import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { CUT_SHORT, UnexpectedAnswer } from '../harbor/errors.ts'
import { textOf } from '../harbor/http.ts'
import { REGISTRY } from './gateway-answer.ts'
import { type Tries, WRONG_CONTENT } from './gateway-tries.ts'
import type { OpenSource } from './gateway-source.ts'
import { gather, type Upstream } from './gateway-upstream.ts'

/** Twice what distribution takes (4 MiB, registry/handlers/manifests.go). */
const LARGEST_MANIFEST = 8 * 2 ** 20

export interface ManifestRequest {
  readonly repository: string
  readonly digest: string
  /** The media types that the client knows. */
  readonly accept: string
  readonly signal: AbortSignal
}

interface Manifest {
  readonly bytes: Buffer
  readonly mediaType: string
}

/**
 * Reads a manifest whole, and hands it out if it is the one that was asked for. From then on what it references may
 * be read too.
 *
 * @throws HarborError of the last try; nothing was handed out then
 */
export async function serveManifest(
  { upstream, source, tries }: { upstream: Upstream; source: OpenSource; tries: Tries },
  wanted: ManifestRequest,
  response: ServerResponse,
): Promise<void> {
  const { bytes, mediaType } = await trying(tries, wanted.signal, () => read(upstream, wanted))
  source.learn(bytes)
  response.writeHead(200, {
    ...REGISTRY,
    'content-type': mediaType,
    'content-length': bytes.length,
    'docker-content-digest': wanted.digest,
  })
  // Node leaves the body out of an answer to HEAD.
  response.end(bytes)
  if (response.req.method === 'GET') source.handedOut(bytes.length)
}

async function trying<T>(tries: Tries, signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      await tries.after(error, signal)
    }
  }
}

async function read(
  upstream: Upstream,
  { repository, digest, accept, signal }: ManifestRequest,
): Promise<Manifest> {
  const path = `/v2/${repository}/manifests/${digest}`
  const { exchange, headers, chunks } = await upstream.ask({
    method: 'GET',
    path,
    headers: { accept },
    signal,
  })
  const bytes = await gather(chunks, LARGEST_MANIFEST + 1)
  if (bytes.length > LARGEST_MANIFEST) {
    const message = 'the manifest is over 8 MiB; no registry takes such a one'
    throw new UnexpectedAnswer('TOO_LARGE', message, exchange)
  }
  const [algorithm = '', expected] = digest.split(':')
  const found = createHash(algorithm).update(bytes).digest('hex')
  if (found === expected) return { bytes, mediaType: textOf(headers['content-type']) }
  const announced = Number(textOf(headers['content-length']))
  if (announced > bytes.length) {
    const message = `the manifest ends after ${bytes.length} of ${announced} bytes; something between here and Harbor cut it`
    throw new UnexpectedAnswer(CUT_SHORT, message, exchange)
  }
  throw new UnexpectedAnswer(WRONG_CONTENT, wrongManifest(bytes, `${algorithm}:${found}`), exchange)
}

function wrongManifest(bytes: Buffer, found: string): string {
  // Docker's first format is signed; its digest is that of a part of it.
  if (/"schemaVersion"\s*:\s*1\b/.test(bytes.subarray(0, 2 ** 16).toString('latin1'))) {
    return "the manifest is in Docker's first format, which cannot be checked and isn't copied; push the image again with a present-day client"
  }
  return `the answer (${bytes.length} bytes, ${found}) isn't the manifest that was asked for; something between here and Harbor changed it, or Harbor's storage is damaged`
}
