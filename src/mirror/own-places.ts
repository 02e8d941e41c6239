import { randomBytes } from 'node:crypto'
import { sha256Of } from '../harbor/digest.ts'
import { MethodNotAllowed } from '../harbor/errors.ts'
import type { Harbor } from '../harbor/harbor.ts'
import type { Digest } from '../inventory/types.ts'
import type { Registry } from '../registry/registry.ts'
import { Once } from '../shared/once.ts'

/** Of a blob that is at nobody's place but where it was just put. */
const BYTES = 32

/**
 * Tells whether a repository at a mirror is a place of its own. A cache that fetches from Harbor whatever it is asked
 * for has every image; so has Harbor's own repository by another name, of which the API isn't there to tell. What is
 * deleted from Harbor would be gone from both. A blob that nobody else has shows it: a cache takes none, and what is put
 * into Harbor is found there. It stays at the mirror until its garbage collection.
 */
export class OwnPlaces {
  readonly #harbor: Harbor
  readonly #registry: Registry
  readonly #probes = new Once<Digest>()
  readonly #answers = new Once<string>()

  constructor(harbor: Harbor, registry: Registry) {
    this.#harbor = harbor
    this.#registry = registry
  }

  /**
   * @param source a repository in Harbor
   * @param repository one at the mirror
   * @returns why what is there doesn't count; empty when it does
   * @throws HarborError when that can't be found out
   */
  wrongWith(source: string, repository: string): Promise<string> {
    return this.#answers.of(`${source} ${repository}`, () => this.#ask(source, repository))
  }

  async #ask(source: string, repository: string): Promise<string> {
    const target = this.#registry.prefix + repository
    const probe = await this.#probes
      .of(repository, () => this.#put(repository))
      .catch((error: unknown) => {
        if (error instanceof MethodNotAllowed) return error
        throw error
      })
    if (typeof probe !== 'string') {
      return `${target} takes nothing (${probe.message}), so what it shows may be passed on from Harbor, as a cache does; copy to a registry that keeps images itself`
    }
    const isShared = await this.#harbor.hasBlob(source, probe)
    return isShared
      ? `${target} is ${source} of this Harbor itself, by another name; give another registry as \`mirror-registry\``
      : ''
  }

  async #put(repository: string): Promise<Digest> {
    const bytes = randomBytes(BYTES)
    const digest = sha256Of(bytes)
    await this.#registry.uploadBlob(repository, digest, bytes)
    return digest
  }
}
