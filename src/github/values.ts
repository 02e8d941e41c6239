import * as v from 'valibot'

/** A commit's id: SHA-1, or SHA-256 in repositories made for it. */
export const sha = v.pipe(v.string(), v.regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/, 'not the id of a commit'))

/** Of issues, pull requests, runs, comments. */
export const number = v.pipe(v.number(), v.safeInteger('not a number of GitHub’s'), v.minValue(1))

/** The name of a branch or tag, or with `refs/` in front. */
export const ref = v.pipe(
  v.string(),
  v.regex(/^[^\p{Cc}\p{Zl}\p{Zp} ~^:?*[\\]{1,1024}$/u, 'not the name of a ref'),
)

/** `owner/name`; it becomes a part of paths. */
export const fullName = v.pipe(
  v.string(),
  v.regex(/^[\w.-]+\/[\w.-]+$/, 'not owner/name'),
  v.check((name) => name.split('/').every((part) => !/^\.+$/.test(part)), 'not owner/name'),
)

/** An address that people may be sent to. */
export const url = v.pipe(
  v.string(),
  v.check((text) => URL.canParse(text) && /^https?:\/\//.test(text), 'not a URL'),
)

/** Who did something; null for accounts that were deleted. */
export const user = v.nullish(v.object({ login: v.string() }), null)
