import * as v from 'valibot'
import { textOf, type Answer } from '../harbor/answer.ts'
import {
  Conflict,
  CUT_SHORT,
  HarborError,
  MethodNotAllowed,
  NotFound,
  PreconditionFailed,
  UnexpectedAnswer,
} from '../harbor/errors.ts'
import { MANIFEST_TYPES, type Manifest } from '../harbor/harbor.ts'
import type { Call, Client } from './client.ts'
import { fits, isDigest, sha256Of } from '../harbor/digest.ts'
import { pullOf, pushOf } from './scope.ts'

// All names here are full ones, as the registry knows them.

export interface StoredManifest extends Manifest {
  readonly digest: string
}

/** A Harbor that is asked by this name counts no pull (src/server/registry/manifest.go); others take any. */
const UNCOUNTED = { 'user-agent': 'harbor-registry-client' }

/**
 * `HEAD /v2/{name}/manifests/{reference}`; where that doesn't say the digest, which it needn't (OCI distribution
 * specification 1.1, "Checking if content exists in the registry"), the manifest is read.
 *
 * @returns undefined where there is no such manifest
 */
export async function digestOf(client: Client, name: string, reference: string): Promise<string | undefined> {
  try {
    const call = { ...callOf(name, reference), method: 'HEAD' } as const
    const said = await client.ask(call, ({ headers }) => textOf(headers['docker-content-digest']))
    if (isDigest(said)) return said
  } catch (error) {
    if (error instanceof NotFound) return undefined
    if (!(error instanceof MethodNotAllowed)) throw error
  }
  const manifest = await getManifest(client, name, reference)
  return manifest?.digest
}

/**
 * `GET /v2/{name}/manifests/{reference}`, checked against the digest that was asked for, or that the answer has.
 *
 * @returns undefined where there is no such manifest
 */
export async function getManifest(
  client: Client,
  name: string,
  reference: string,
): Promise<StoredManifest | undefined> {
  try {
    return await client.ask(callOf(name, reference), (answer) => storedIn(answer, reference))
  } catch (error) {
    if (error instanceof NotFound) return undefined
    throw error
  }
}

/**
 * `PUT /v2/{name}/manifests/{reference}`, which does the same when it is done again: so it is tried again after what
 * may pass. A refusal where that very manifest already stands on that very reference is none: a Harbor refuses every
 * push onto an immutable tag (412), also of what is there, and also the second of two pushes of which the first was
 * answered by a cut connection.
 *
 * @throws RangeError when these bytes don't have that digest
 * @throws HarborError; PreconditionFailed where a Harbor's rule keeps the tag
 */
export async function putManifest(
  client: Client,
  name: string,
  reference: string,
  { digest, bytes, mediaType }: StoredManifest,
): Promise<void> {
  if (!fits(bytes, digest)) throw new RangeError(`these ${bytes.length} bytes are not ${digest}`)
  const call: Call = {
    method: 'PUT',
    path: pathOf(name, reference),
    scopes: pushOf(name),
    headers: { 'content-type': mediaType },
    body: bytes,
  }
  try {
    const answer = await client.ask(call, (given) => given)
    const said = textOf(answer.headers['docker-content-digest'])
    const stored = isDigest(said) ? said : await digestOf(client, name, reference)
    if (stored !== undefined && fits(bytes, stored)) return
    const message = `was stored as ${stored ?? 'nothing that is there'}, not ${digest}`
    throw new UnexpectedAnswer('OTHER_DIGEST', message, answer.exchange)
  } catch (error) {
    if (!(error instanceof HarborError) || !keepsTag(error)) throw error
    const there = await digestOf(client, name, reference).catch(() => undefined)
    if (there === undefined || !fits(bytes, there)) throw error
  }
}

/**
 * Whether it may be for what the tag stands on that a push was refused: 412 at a Harbor, 409 or TAG_INVALID elsewhere.
 * A registry that misses blobs isn't one of those, also when it has the manifest: that image is broken there.
 */
function keepsTag(error: HarborError): boolean {
  if (error.code === 'MANIFEST_BLOB_UNKNOWN') return false
  return error instanceof PreconditionFailed || error instanceof Conflict || error.code === 'TAG_INVALID'
}

function pathOf(name: string, reference: string): string {
  return `/v2/${name}/manifests/${reference}`
}

function callOf(name: string, reference: string): Call {
  const headers = { accept: MANIFEST_TYPES, ...UNCOUNTED }
  return { method: 'GET', path: pathOf(name, reference), scopes: pullOf(name), headers }
}

function storedIn({ body, headers, exchange }: Answer, reference: string): StoredManifest {
  const said = textOf(headers['docker-content-digest'])
  const digest = [reference, said].find((text) => isDigest(text)) ?? sha256Of(body)
  if (!fits(body, digest)) {
    // As with other answers that were damaged on the way, the next one may be whole.
    const message = `the answer (${body.length} bytes) is not ${digest}; something between here and the registry changed or cut it`
    throw new UnexpectedAnswer(CUT_SHORT, message, exchange)
  }
  return { bytes: body, mediaType: mediaTypeOf(body, textOf(headers['content-type'])), digest }
}

const typed = v.pipe(v.string(), v.parseJson(), v.object({ mediaType: v.string() }))

/** The Content-Type, or what the manifest says of itself where that is no more than that it is JSON. */
function mediaTypeOf(body: Buffer, contentType: string): string {
  const [type = ''] = contentType.split(';')
  if (type.includes('vnd.')) return type.trim()
  const parsed = v.safeParse(typed, body.toString('utf8'))
  return parsed.success ? parsed.output.mediaType : type.trim()
}
