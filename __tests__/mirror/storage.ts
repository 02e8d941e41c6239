// What a docker-registry really has: read from its folder, every byte of it hashed here.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { createHash } from 'node:crypto'

/** How distribution lays out its files (registry/storage/paths.go). */
export class Storage {
  readonly #root: string

  constructor(folder: string) {
    this.#root = path.join(folder, 'docker/registry/v2')
  }

  /** The bytes of a manifest that a repository hands out; undefined where it has none, or others than the digest says. */
  manifest(repository: string, digest: string): Buffer | undefined {
    const link = this.#read(`repositories/${repository}/_manifests/revisions/${pathOf(digest)}/link`)
    return link?.toString() === digest ? this.#content(digest) : undefined
  }

  blob(repository: string, digest: string): Buffer | undefined {
    const link = this.#read(`repositories/${repository}/_layers/${pathOf(digest)}/link`)
    return link?.toString() === digest ? this.#content(digest) : undefined
  }

  /** What a tag stands on. */
  tag(repository: string, tag: string): string | undefined {
    return this.#read(`repositories/${repository}/_manifests/tags/${tag}/current/link`)?.toString()
  }

  /** Every tag of every repository, as `repository:tag digest`. */
  tags(): readonly string[] {
    const folder = path.join(this.#root, 'repositories')
    const files = existsSync(folder) ? readdirSync(folder, { recursive: true }) : []
    return files
      .map(String)
      .flatMap((file) => {
        const [, repository = '', tag = ''] =
          /^(.+)\/_manifests\/tags\/([^/]+)\/current\/link$/.exec(file) ?? []
        return tag === '' ? [] : [`${repository}:${tag} ${this.tag(repository, tag) ?? ''}`]
      })
      .toSorted()
  }

  /** Has a repository forget a manifest, a layer or a tag, as a registry's own clean-up does. */
  forget(
    repository: string,
    what: { readonly manifest: string } | { readonly blob: string } | { readonly tag: string },
  ): void {
    const folder =
      'tag' in what
        ? `_manifests/tags/${what.tag}`
        : 'blob' in what
          ? `_layers/${pathOf(what.blob)}`
          : `_manifests/revisions/${pathOf(what.manifest)}`
    rmSync(path.join(this.#root, 'repositories', repository, folder), { recursive: true })
  }

  /** The file with some bytes, which a disk may damage. */
  fileOf(digest: string): string {
    const hex = digest.slice('sha256:'.length)
    return path.join(this.#root, `blobs/sha256/${hex.slice(0, 2)}/${hex}/data`)
  }

  #content(digest: string): Buffer | undefined {
    const bytes = this.#read(this.fileOf(digest))
    if (bytes === undefined) return undefined
    const found = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    return found === digest ? bytes : undefined
  }

  #read(file: string): Buffer | undefined {
    try {
      return readFileSync(path.resolve(this.#root, file))
    } catch {
      return undefined
    }
  }
}

function pathOf(digest: string): string {
  return digest.replace(':', '/')
}
