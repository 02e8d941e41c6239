import type { Harbor, Manifest } from '../harbor/harbor.ts'
import type { Digest } from '../inventory/types.ts'
import { Once } from '../shared/once.ts'
import type { Sent } from './sent.ts'

/** Where an image is copied from, and what that has sent. Each of its manifests is read once. */
export class From {
  readonly source: string
  readonly sent: Sent
  readonly #harbor: Harbor
  readonly #manifests = new Once<Manifest>()

  /** @param source the repository in Harbor */
  constructor(harbor: Harbor, source: string, sent: Sent) {
    this.#harbor = harbor
    this.source = source
    this.sent = sent
  }

  /** @throws HarborError */
  manifest(digest: Digest): Promise<Manifest> {
    return this.#manifests.of(digest, () => this.#harbor.manifest(this.source, digest))
  }
}
