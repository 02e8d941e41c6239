import { HarborError, NotFound } from '../harbor/errors.ts'
import type { Manifest } from '../harbor/harbor.ts'
import { blobsElsewhere } from '../harbor/manifest.ts'
import type { Digest } from '../inventory/types.ts'
import type { Registry } from '../registry/registry.ts'
import { CopyFailed } from './copy-failed.ts'
import type { Gateway, Source } from './gateway.ts'
import type { Sent } from './sent.ts'
import type { CopyFailure, Side, SkopeoSession } from './skopeo.ts'

export interface SkopeoOptions {
  readonly gateway: Gateway
  readonly registry: Registry
  /** The mirror for skopeo, but for the repository. */
  readonly side: Omit<Side, 'repository'>
  readonly session: SkopeoSession
  /** Milliseconds for which nothing may move. */
  readonly stallMs: number
  readonly say: (text: string) => void
}

/** Brings manifests with their blobs to a registry by skopeo, which reads through the gateway. */
export class BySkopeo {
  readonly #options: SkopeoOptions
  /** Under way. */
  readonly #sources = new Set<Source>()

  constructor(options: SkopeoOptions) {
    this.#options = options
  }

  /** Bytes that those under way have read so far. */
  get bytes(): number {
    return [...this.#sources].reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** @throws CopyFailed */
  async bring(
    source: string,
    repository: string,
    { digest, manifest, sent }: { readonly digest: Digest; readonly manifest: Manifest; readonly sent: Sent },
  ): Promise<void> {
    const { registry, gateway, session, side, stallMs, say } = this.#options
    const opened = gateway.open({ repository: source, digests: [digest] })
    this.#sources.add(opened)
    const target = registry.prefix + repository
    try {
      const { username, password } = opened
      const outcome = await session.copy({
        source: {
          registry: gateway.host,
          tlsVerify: false,
          credentials: { username, password },
          repository: source,
          digest,
        },
        target: { ...side, repository: target.slice(target.indexOf('/') + 1), reference: digest },
        stallMs,
        moved: () => opened.movedAt,
        onRetry: (failure, pause) => {
          say(`${target}@${digest}: ${failure.words}; again in ${(pause / 1000).toFixed(1)} s`)
        },
      })
      if (!outcome.ok) {
        const hasUrls = blobsElsewhere(manifest.bytes.toString('utf8')).length > 0
        throw new CopyFailed(`${target}@${digest}`, wordsOf(outcome, opened.failure), hasUrls)
      }
    } finally {
      this.#sources.delete(opened)
      sent.add('skopeo', opened.bytes)
      opened.close()
    }
  }
}

/** What the source said is known better here than by skopeo. */
function wordsOf({ words }: CopyFailure, source: Error | undefined): string {
  const known = source instanceof HarborError && !(source instanceof NotFound) ? source.message : ''
  return known === '' ? words : `${words} (${known})`
}
