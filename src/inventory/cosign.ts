import type { Digest } from './types.ts'

const COSIGN_TAG = /^sha256-([0-9a-f]{64})\.(sig|att|sbom)$/

/** The subject of a tag in cosign's scheme (`sha256-<hex>.sig`, `.att`, `.sbom`), or undefined for any other tag. */
export function cosignSubject(tag: string): Digest | undefined {
  if (!tag.startsWith('sha256-')) return undefined
  const [, hex] = COSIGN_TAG.exec(tag) ?? []
  return hex === undefined ? undefined : `sha256:${hex}`
}

/** Whether a tag in cosign's scheme is a signature, rather than an attestation or SBOM. */
export function isCosignSignature(tag: string): boolean {
  return tag.endsWith('.sig') && cosignSubject(tag) !== undefined
}
