// What is used of a registry's answers, and only that. From the OCI distribution specification 1.1, the OCI image
// specification 1.1 (index, descriptor), and the Docker Registry v2 token authentication.
import * as v from 'valibot'
import { isDigest } from '../harbor/digest.ts'

/** `GET /v2/{name}/tags/list`. */
export const tagList = v.object({ tags: v.nullish(v.array(v.string()), []) })

/** The answer of a token service; some give one name to the token, some the other. What is empty isn't there. */
export const tokenAnswer = v.pipe(
  v.object({
    token: v.nullish(v.string(), ''),
    access_token: v.nullish(v.string(), ''),
    expires_in: v.nullish(v.number()),
  }),
  v.transform(({ token, access_token: accessToken, expires_in: seconds }) => ({
    token: token === '' ? accessToken : token,
    seconds: seconds ?? undefined,
  })),
)

const digest = v.pipe(v.string(), v.check(isDigest, 'is not a digest'))

/** A descriptor in an index of referrers. */
const descriptor = v.pipe(
  v.object({
    mediaType: v.string(),
    digest,
    size: v.pipe(v.number(), v.integer(), v.minValue(0)),
    artifactType: v.nullish(v.string(), ''),
    annotations: v.nullish(v.record(v.string(), v.string()), {}),
  }),
  v.transform(({ artifactType, annotations, ...rest }) => ({
    ...rest,
    ...(artifactType === '' ? {} : { artifactType }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  })),
)

/** `GET /v2/{name}/referrers/{digest}`; Harbor 2.10 answers `{}` where there are none. */
export const referrersIndex = v.object({ manifests: v.nullish(v.array(descriptor), []) })

const kept = v.record(v.string(), v.unknown())
const keptEntry = v.pipe(
  kept,
  v.check((entry) => typeof entry['digest'] === 'string' && isDigest(entry['digest']), 'has no digest'),
)

/** An index of referrers that is added to: everything in it stays as it is and where it is, whatever it is. */
export const keptIndex = v.pipe(
  kept,
  v.check((index) => index['schemaVersion'] === 2, 'is not of version 2'),
)
export const keptEntries = v.object({ manifests: v.nullish(v.array(keptEntry), []) })
