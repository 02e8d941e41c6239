import * as v from 'valibot'
import { CHECKABLE } from '../harbor/digest.ts'
import type { Digest } from '../inventory/types.ts'

const descriptor = v.object({ digest: v.pipe(v.string(), v.regex(CHECKABLE)) })
const index = v.pipe(v.string(), v.parseJson(), v.object({ manifests: v.nullish(v.array(descriptor), []) }))
const manifest = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    subject: v.fallback(v.nullish(descriptor), null),
    artifactType: v.nullish(v.string(), ''),
    config: v.nullish(v.object({ mediaType: v.nullish(v.string(), '') })),
    annotations: v.nullish(v.record(v.string(), v.string()), {}),
  }),
)

/** The manifests that an index holds; none of anything else, nor of one that names what isn't a digest. */
export function childrenOf(content: string): readonly Digest[] {
  const parsed = v.safeParse(index, content)
  return parsed.success ? parsed.output.manifests.map(({ digest }) => digest) : []
}

/** What a manifest refers to, and how it describes itself to whoever asks for referrers (OCI image specification 1.1). */
export interface Referring {
  readonly subject: Digest
  readonly artifactType: string
  readonly annotations: Readonly<Record<string, string>>
}

/** Undefined also for what names no digest: a list of referrers would be sought under a tag of its choice. */
export function referringOf(content: string): Referring | undefined {
  const parsed = v.safeParse(manifest, content)
  if (!parsed.success) return undefined
  const { subject, artifactType, config, annotations } = parsed.output
  if (subject === undefined || subject === null) return undefined
  return {
    subject: subject.digest,
    // Without a type of its own, that of the config stands for it ("Guidelines for Artifact Usage").
    artifactType: artifactType === '' ? (config?.mediaType ?? '') : artifactType,
    annotations,
  }
}
