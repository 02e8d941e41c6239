import { describe, expect, test } from '@jest/globals'
import { cosignSubject, isCosignSignature } from '../../src/inventory/cosign.ts'

const HEX = '0123456789abcdef'.repeat(4)

describe('a tag in the scheme of cosign', () => {
  // A tag, whether it names a subject, and whether it is a signature.
  test.each([
    [`sha256-${HEX}.sig`, true, true],
    [`sha256-${HEX}.att`, true, false],
    [`sha256-${HEX}.sbom`, true, false],
    // The referrers of the distribution specification, which are no cosign's.
    [`sha256-${HEX}`, false, false],
    [`sha256-${HEX}.`, false, false],
    [`sha256-${HEX}.SIG`, false, false],
    [`sha256-${HEX}.sig2`, false, false],
    [`sha256-${HEX}.sig\n`, false, false],
    [`sha256-${HEX}.sig.att`, false, false],
    [`sha256-${HEX.slice(1)}.sig`, false, false],
    [`sha256-${HEX}0.sig`, false, false],
    [`sha256-${HEX.toUpperCase()}.sig`, false, false],
    [`SHA256-${HEX}.sig`, false, false],
    [`sha512-${HEX}${HEX}.sig`, false, false],
    [`sha256:${HEX}.sig`, false, false],
    [`xsha256-${HEX}.sig`, false, false],
    ['v1.sig', false, false],
    ['sha256-.sig', false, false],
    ['', false, false],
  ])('%j: subject %p, signature %p', (tag, hasSubject, isSignature) => {
    expect(cosignSubject(tag)).toBe(hasSubject ? `sha256:${HEX}` : undefined)
    expect(isCosignSignature(tag)).toBe(isSignature)
  })
})
