import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { HARBOR } from '../harbor/party.ts'
import { blobChunks } from './blob-chunks.ts'
import { REGISTRY } from './gateway-answer.ts'
import type { Tries } from './gateway-tries.ts'
import type { OpenSource } from './gateway-source.ts'
import type { Upstream } from './gateway-upstream.ts'

export interface BlobRequest {
  readonly method: 'GET' | 'HEAD'
  readonly repository: string
  readonly digest: string
  /** As the manifest says. */
  readonly size: number
  readonly signal: AbortSignal
}

/**
 * Hands a blob on as it comes, no faster than it is taken.
 *
 * @throws HarborError of the last try; if a part was handed out by then, the rest must not seem to be there
 */
export async function serveBlob(
  { upstream, source, tries }: { upstream: Upstream; source: OpenSource; tries: Tries },
  wanted: BlobRequest,
  response: ServerResponse,
): Promise<void> {
  const { method, signal, size, repository, digest } = wanted
  const path = `/v2/${repository}/blobs/${digest}`
  const blob = {
    name: HARBOR.name,
    method,
    size,
    ask: (headers: Readonly<Record<string, string>>) => upstream.ask({ method, path, headers, signal }),
    onMoved: () => {
      source.moved()
    },
  }
  for await (const chunk of blobChunks(blob, tries, signal)) {
    if (!response.headersSent) begin(response, wanted)
    await write(response, chunk, signal)
    source.handedOut(chunk.length)
  }
  if (!response.headersSent) begin(response, wanted)
  response.end()
}

function begin(response: ServerResponse, { digest, size }: BlobRequest): void {
  response.writeHead(200, {
    ...REGISTRY,
    'content-type': 'application/octet-stream',
    'content-length': size,
    'docker-content-digest': digest,
  })
}

async function write(response: ServerResponse, chunk: Buffer, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  if (!response.write(chunk)) await once(response, 'drain', { signal })
}
