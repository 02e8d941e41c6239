import { HarborError } from '../harbor/errors.ts'
import type { Manifest } from '../harbor/harbor.ts'
import { blobsOf } from '../harbor/manifest.ts'
import type { Digest } from '../inventory/types.ts'
import type { Registry } from '../registry/registry.ts'
import { childrenOf } from './children.ts'

/**
 * Whether an image stands in a repository of a registry with all that belongs to it: its manifest and, of an index, its
 * children's, and every blob that they name.
 *
 * @returns what is missing first; empty when it is whole
 * @throws HarborError
 */
export async function missingIn(registry: Registry, repository: string, digest: Digest): Promise<string> {
  const seen = new Set<Digest>()
  const visit = async (one: Digest): Promise<string> => {
    if (seen.has(one)) return ''
    seen.add(one)
    const manifest = await registry.manifest(repository, one)
    if (manifest === undefined) return `the manifest ${one}`
    const text = manifest.bytes.toString('utf8')
    for (const blob of blobsOf(text) ?? []) {
      if (seen.has(blob.digest)) continue
      seen.add(blob.digest)
      if (!(await registry.hasBlob(repository, blob.digest))) return `the blob ${blob.digest}`
    }
    for (const child of childrenOf(text)) {
      const missing = await visit(child)
      if (missing !== '') return missing
    }
    return ''
  }
  return visit(digest)
}

/** Puts a manifest under a tag, if it doesn't stand there already. */
export async function ensureTag(
  registry: Registry,
  repository: string,
  { tag, digest, manifest }: { readonly tag: string; readonly digest: Digest; readonly manifest: Manifest },
): Promise<void> {
  if ((await registry.digestOf(repository, tag)) === digest) return
  await registry.putManifest(repository, tag, digest, manifest)
}

/** In words what a registry has against something; anything else is thrown on. */
export function wordsOf(error: unknown): string {
  if (error instanceof HarborError) return error.message
  throw error
}
