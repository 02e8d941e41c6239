import { createHash } from 'node:crypto'

// OCI image specification, "Descriptors": digests. Shorter ones are no hashes that are worth anything.
const DIGEST = /^([a-z0-9]+(?:[+._-][a-z0-9]+)*):([0-9A-Za-z=_-]{32,})$/
/** The algorithms that the OCI image specification registers and that Node has. */
const ALGORITHMS = new Set(['sha256', 'sha512'])

/** Digests of which can be told here what they are of. */
export const CHECKABLE = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

/** Whether a reference is a digest; a tag never has a colon. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text)
}

export function sha256Of(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** Whether a digest is that of the bytes; no for one by an algorithm that can't be checked here. */
export function fits(bytes: Uint8Array, digest: string): boolean {
  const [, algorithm = '', hash] = DIGEST.exec(digest) ?? []
  return ALGORITHMS.has(algorithm) && createHash(algorithm).update(bytes).digest('hex') === hash
}

/** Whether the bytes are others than a digest says; no also where its algorithm can't be checked here. */
export function contradicts(bytes: Uint8Array, digest: string): boolean {
  const [, algorithm = ''] = DIGEST.exec(digest) ?? []
  return ALGORITHMS.has(algorithm) && !fits(bytes, digest)
}
