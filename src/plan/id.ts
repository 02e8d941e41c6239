import { createHash } from 'node:crypto'
import { canonicalJson } from '../shared/canonical-json.ts'
import type { Digest } from '../inventory/types.ts'
import type { Action, Plan } from './types.ts'

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
  const approved = canonicalJson({
    format,
    harbor: { url: harbor.url },
    policy: { digest: policy.digest },
    actions: actions.map((action: Action) => ({ ...action })),
  })
  return sha256(approved)
}

/** The digest of a text's UTF-8 bytes, or of bytes. */
export function sha256(content: string | Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}
