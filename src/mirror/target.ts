import { blobsElsewhere, blobsOf, type Blob } from '../harbor/manifest.ts'
import type { Digest } from '../inventory/types.ts'
import type { Registry } from '../registry/registry.ts'
import { childrenOf } from './children.ts'

/** Where an image is looked for, and where it came from. */
export interface Checking {
  readonly registry: Registry
  readonly repository: string
  /** Whether Harbor has a blob in the source's repository. */
  readonly isInHarbor: (blob: Digest) => Promise<boolean>
  /** What is known to be at the mirror, by repository and digest; what is found is added. */
  readonly seen: Set<string>
}

/** A part of an image that isn't at the mirror. */
export interface Missing {
  /** The manifest that it is, or that names it. */
  readonly of: Digest
  /** In words, and what to do where it can't be brought. */
  readonly what: string
}

/**
 * Whether an image stands in a repository of a registry with all that belongs to it: its manifest and, of an index, its
 * children's, and every blob that they name, as long as it should be.
 *
 * Layers that are said to be at some URL need only be there if Harbor has them.
 *
 * @returns what is missing first; undefined when it is whole
 * @throws HarborError
 */
export async function missingIn(checking: Checking, digest: Digest): Promise<Missing | undefined> {
  const { registry, repository, isInHarbor, seen } = checking
  const isKnown = (one: Digest): boolean => seen.has(`${repository}@${one}`)
  if (isKnown(digest)) return undefined
  const manifest = await registry.manifest(repository, digest)
  if (manifest === undefined) return { of: digest, what: `the manifest ${digest} is not there` }
  const text = manifest.bytes.toString('utf8')
  const blobs = blobsOf(text)
  if (blobs === undefined) {
    return { of: digest, what: `nobody knows what belongs to ${digest}: its form is unknown` }
  }
  const lacks = async ({ digest: blob, size }: Blob): Promise<boolean> => {
    if (isKnown(blob)) return false
    const isThere = await registry.hasBlob(repository, blob, size)
    if (isThere) seen.add(`${repository}@${blob}`)
    return !isThere
  }
  for (const blob of blobs) {
    if (!(await lacks(blob))) continue
    const isOther = await registry.hasBlob(repository, blob.digest)
    return { of: digest, what: isOther ? otherLength(digest, blob) : notThere(blob) }
  }
  for (const blob of blobsElsewhere(text)) {
    if (!(await lacks(blob)) || !(await isInHarbor(blob.digest))) continue
    const what = `the layer ${blob.digest} is not there: Harbor has it, and skopeo leaves out what has URLs; copy the image with \`crane cp --allow-nondistributable-artifacts\`, and apply again`
    return { of: digest, what }
  }
  for (const child of childrenOf(text)) {
    const missing = await missingIn(checking, child)
    if (missing !== undefined) return missing
  }
  seen.add(`${repository}@${digest}`)
  return undefined
}

function notThere({ digest, size }: Blob): string {
  return `the blob ${digest} of ${size} bytes is not there; if it was sent, the mirror registry's log and storage have the cause`
}

/**
 * A registry takes what is there under a digest for whole, whoever sends it again and into which repository, and keeps it
 * where manifests go (docker-registry 2.8).
 */
function otherLength(of: Digest, { digest, size }: Blob): string {
  return `the blob ${digest} is there, and not of the ${size} bytes that ${of} says; either it is damaged there: it has to go from the mirror's storage, since removing the image leaves it, or copy to another registry; or the image says a wrong size: look whether Harbor has as many bytes, and push it anew`
}
