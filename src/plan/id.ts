import { createHash } from 'node:crypto'
import { canonicalJson } from '../shared/canonical-json.ts'
import type { Digest } from '../inventory/types.ts'
import type { Plan } from './types.ts'

const LONGEST_PIECE = 2 ** 16

/**
 * A plan's identity: SHA-256 over the canonical JSON (RFC 8785) of
 * `{ format, harbor: { url }, policy: { digest }, actions }`. Whoever approves it approves exactly these actions, on
 * this Harbor, by this policy.
 */
export function planId({
  format,
  harbor,
  policy,
  actions,
}: Pick<Plan, 'format' | 'harbor' | 'policy' | 'actions'>): Digest {
  // By RFC 8785 the members come in this order. Piece by piece, since a plan can be longer than a string.
  const hash = createHash('sha256')
  let piece = '{"actions":['
  for (const [index, action] of actions.entries()) {
    piece += (index === 0 ? '' : ',') + canonicalJson(action)
    if (piece.length < LONGEST_PIECE) continue
    hash.update(piece)
    piece = ''
  }
  const rest = canonicalJson({ format, harbor: { url: harbor.url }, policy: { digest: policy.digest } })
  hash.update(`${piece}],${rest.slice(1)}`)
  return `sha256:${hash.digest('hex')}`
}

/** The digest of a text's UTF-8 bytes, or of bytes. */
export function sha256(content: string | Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}
