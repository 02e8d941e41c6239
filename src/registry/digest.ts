const REFERRERS_TAG = /^sha(?:256|512)-[0-9a-f]{64}$/

/** Whether clients would take what stands on a tag for a list of referrers, and add to it. */
export function isReferrersTag(tag: string): boolean {
  return REFERRERS_TAG.test(tag)
}

/**
 * The tag under which clients keep the referrers of a manifest where the registry doesn't (OCI distribution
 * specification 1.1, "Referrers tag schema"): `sha256-<hex>`.
 */
export function referrersTag(digest: string): string {
  const colon = digest.indexOf(':')
  const clean = (part: string, most: number): string =>
    part.slice(0, most).replaceAll(/[^A-Za-z0-9._-]/g, '-')
  return `${clean(digest.slice(0, colon), 32)}-${clean(digest.slice(colon + 1), 64)}`
}
