import * as v from 'valibot'
import { keptEntries, keptIndex, referrersIndex } from './schemas.ts'

export const INDEX = 'application/vnd.oci.image.index.v1+json'

/** A manifest as an index has it: OCI image specification 1.1, "Descriptors". */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  /** The manifest's `artifactType`, or the media type of its config. */
  readonly artifactType?: string
  /** All of the manifest's. */
  readonly annotations?: Readonly<Record<string, string>>
}

export interface Stored {
  readonly bytes: Uint8Array
  readonly mediaType: string
  readonly digest: string
}

/**
 * The referrers in what stands on a referrers tag. None where that isn't an index of referrers, as the specification
 * wants it ("Listing Referrers"): some registries answer the tag with the subject itself, and `cosign copy` puts it
 * there.
 */
export function referrersIn(stored: Stored, subject: string): readonly Descriptor[] {
  if (!isReferrersIndex(stored, subject)) return []
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), referrersIndex), textIn(stored))
  return parsed.success ? parsed.output.manifests : []
}

/**
 * The index with what it lacks added behind what it has; nothing that is in it changes.
 *
 * @param stored what stands on the referrers tag, if anything does
 * @returns the new index as bytes, `same` where it lacks nothing, `other` where what stands there is no such index
 */
export function withReferrers(
  stored: Stored | undefined,
  subject: string,
  added: readonly Descriptor[],
): Buffer | 'same' | 'other' {
  if (stored !== undefined && !isReferrersIndex(stored, subject)) return 'other'
  const json = stored === undefined ? EMPTY : textIn(stored)
  const index = v.safeParse(v.pipe(v.string(), v.parseJson(), keptIndex), json)
  const entries = v.safeParse(keptEntries, index.output)
  if (!index.success || !entries.success) return 'other'
  const { manifests } = entries.output
  const all = new Map<unknown, unknown>(manifests.map((manifest) => [manifest['digest'], manifest]))
  const had = all.size
  for (const descriptor of added) if (!all.has(descriptor.digest)) all.set(descriptor.digest, descriptor)
  if (all.size === had) return 'same'
  const news = [...all.values()].slice(had)
  return Buffer.from(JSON.stringify({ ...index.output, manifests: [...manifests, ...news] }))
}

const EMPTY = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [] })

function isReferrersIndex({ mediaType, digest }: Stored, subject: string): boolean {
  return mediaType === INDEX && digest !== subject
}

function textIn({ bytes }: Stored): string {
  return Buffer.from(bytes).toString('utf8')
}
