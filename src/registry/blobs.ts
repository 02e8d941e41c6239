import { textOf, type Answer, type Coming } from '../harbor/answer.ts'
import {
  Forbidden,
  HarborError,
  NotFound,
  UnexpectedAnswer,
  Unauthorized,
  type Exchange,
} from '../harbor/errors.ts'
import type { Client } from './client.ts'
import { fits, isDigest } from '../harbor/digest.ts'
import { endOf, uploadOf } from '../harbor/upload.ts'
import { pullOf, pushOf, union } from './scope.ts'

// All names here are full ones, as the registry knows them.

/**
 * `HEAD /v2/{name}/blobs/{digest}`, at the storage behind the registry where that says so.
 *
 * @param size bytes that it has to have, as far as the answer says how many there are
 */
export async function hasBlob(client: Client, name: string, digest: string, size?: number): Promise<boolean> {
  try {
    const path = `/v2/${name}/blobs/${digest}`
    return await client.ask(
      { method: 'HEAD', path, scopes: pullOf(name), elsewhere: true },
      ({ headers }) => {
        const length = textOf(headers['content-length'])
        const isPlain = textOf(headers['content-encoding']) === ''
        return size === undefined || length === '' || !isPlain || Number(length) === size
      },
    )
  } catch (error) {
    if (error instanceof NotFound) return false
    throw error
  }
}

/** A blob as it comes. */
export interface ComingBlob extends Coming {
  readonly exchange: Exchange
  readonly headers: Answer['headers']
}

/**
 * `GET /v2/{name}/blobs/{digest}`, asked once, at the storage behind the registry where that says so.
 *
 * @param headers `range`, for the rest of one that was cut
 */
export async function openBlob(
  client: Client,
  name: string,
  digest: string,
  headers: Readonly<Record<string, string>>,
): Promise<ComingBlob> {
  const {
    exchange,
    headers: said,
    coming,
  } = await client.once({
    method: 'GET',
    path: `/v2/${name}/blobs/${digest}`,
    scopes: pullOf(name),
    elsewhere: true,
    headers: { 'accept-encoding': 'identity', ...headers },
    streamed: true,
  })
  if (coming === undefined) throw new TypeError('a body that was to come as a stream was read')
  return { exchange, headers: said, ...coming }
}

/**
 * `POST /v2/{name}/blobs/uploads/?mount={digest}&from={from}` (OCI distribution specification 1.1, "Mounting a blob
 * from another repository"). A registry that can't or won't begins an upload instead, which is given up.
 *
 * @returns whether the blob is there now; no also where the account may not: Harbor refuses with 401 when there is no
 *   project to mount from (goharbor/harbor#17097). Whether it may push at all shows when it uploads
 */
export function mountBlob(client: Client, name: string, digest: string, from: string): Promise<boolean> {
  const scopes = union(pullOf(from), pushOf(name))
  const path = `/v2/${name}/blobs/uploads/`
  const query = `?mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(from)}`
  return client.patiently(async () => {
    try {
      const answer = await client.once({ method: 'POST', path, query, scopes })
      if (answer.exchange.status === 201) return true
      const upload = uploadOf(answer, path, client.origin)
      await client.once({ method: 'DELETE', ...upload, scopes: pushOf(name) }).catch(forgiven)
      return false
    } catch (error) {
      const refused = error instanceof Unauthorized || error instanceof Forbidden || error instanceof NotFound
      if (refused) return false
      throw error
    }
  })
}

/** Registries give up uploads by themselves, in time, and some know no other way. */
function forgiven(error: unknown): void {
  if (!(error instanceof HarborError)) throw error
}

/**
 * Uploads a blob in one piece (OCI distribution specification 1.1, "POST then PUT"), from the beginning where that was
 * cut short.
 *
 * @throws RangeError when these bytes don't have that digest
 * @throws HarborError
 */
export async function uploadBlob(client: Client, name: string, digest: string, bytes: Buffer): Promise<void> {
  if (!fits(bytes, digest)) throw new RangeError(`these ${bytes.length} bytes are not ${digest}`)
  const scopes = pushOf(name)
  const path = `/v2/${name}/blobs/uploads/`
  await client.patiently(async () => {
    const begun = await client.once({ method: 'POST', path, scopes })
    const upload = endOf(uploadOf(begun, path, client.origin), digest)
    const headers = { 'content-type': 'application/octet-stream' }
    const put = { method: 'PUT', ...upload, scopes, headers, body: bytes } as const
    const { headers: said, exchange } = await client.once(put)
    const stored = textOf(said['docker-content-digest'])
    if (isDigest(stored) && !fits(bytes, stored)) {
      throw new UnexpectedAnswer('OTHER_DIGEST', `was stored as ${stored}, not ${digest}`, exchange)
    }
  })
}
