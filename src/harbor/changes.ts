import { Readable } from 'node:stream'
import { UnexpectedAnswer } from './errors.ts'
import type { Manifest } from './harbor.ts'
import { textOf, type Http } from './http.ts'
import { repositoryPath } from './paths.ts'
import { endOf, uploadOf } from './upload.ts'

const JSON_HEADERS = { 'content-type': 'application/json', 'x-is-resource-name': 'true' }

/**
 * Changes things in Harbor, each by one request that is sent once. Every method throws HarborError; after one that
 * isn't a clear no (5xx, 404, no answer) only a look tells what became of the change.
 */
export class HarborChanges {
  readonly #http: Http

  constructor(http: Http) {
    this.#http = http
  }

  /**
   * `DELETE …/artifacts/{digest}`: takes all its tags, its accessories, and an index's children that have no tag and
   * are in no other index. 412 where a tag is immutable or an index holds it.
   */
  async deleteArtifact(repository: string, digest: string): Promise<void> {
    await this.#delete(artifactPath(repository, digest))
  }

  /** `DELETE …/artifacts/{digest}/tags/{tag}`: 404 when the tag stands on another artifact by now. */
  async deleteTag(repository: string, digest: string, tag: string): Promise<void> {
    await this.#delete(`${artifactPath(repository, digest)}/tags/${encodeURIComponent(tag)}`)
  }

  /** `DELETE …/repositories/{repository}`: with all that is in it. */
  async deleteRepository(repository: string): Promise<void> {
    await this.#delete(repositoryPath(repository))
  }

  /**
   * `PUT /v2/{repository}/manifests/{reference}`.
   *
   * @param digest what the manifest's digest has to be
   */
  async putManifest(
    repository: string,
    reference: string,
    digest: string,
    { bytes, mediaType }: Manifest,
  ): Promise<void> {
    const path = `/v2/${repository}/manifests/${encodeURIComponent(reference)}`
    const headers = { 'content-type': mediaType }
    const answer = await this.#http.change({ method: 'PUT', path, headers, body: bytes })
    const stored = textOf(answer.headers['docker-content-digest'])
    if (stored !== digest) {
      throw new UnexpectedAnswer('OTHER_DIGEST', `was stored as ${stored}, not ${digest}`, answer.exchange)
    }
  }

  /**
   * Uploads a blob as it comes: `POST /v2/{repository}/blobs/uploads/`, then `PUT`. Harbor takes nothing that isn't what
   * its digest says.
   *
   * @param chunks are read once, if it comes to that
   */
  async uploadBlob(
    repository: string,
    { digest, size }: { readonly digest: string; readonly size: number },
    chunks: AsyncIterable<Buffer>,
  ): Promise<void> {
    const { origin } = new URL(this.#http.url)
    const path = `/v2/${repository}/blobs/uploads/`
    const begun = await this.#http.change({ method: 'POST', path })
    const headers = { 'content-type': 'application/octet-stream', 'content-length': String(size) }
    const place = endOf(uploadOf(begun, path, origin), digest)
    await this.#http.change({ method: 'PUT', ...place, headers, body: Readable.from(chunks) })
  }

  /** `POST …/artifacts/{digest}/tags`: 409 when the tag is there already. */
  async addTag(repository: string, digest: string, tag: string): Promise<void> {
    await this.#post(`${artifactPath(repository, digest)}/tags`, { name: tag })
  }

  /** `POST …/artifacts/{digest}/labels`: 409 when it has the label already, 404 when there is no such label any more. */
  async addLabel(repository: string, digest: string, label: number): Promise<void> {
    await this.#post(`${artifactPath(repository, digest)}/labels`, { id: label })
  }

  /**
   * `POST /system/gc/schedule`: starts a garbage collection; while one runs, another one queues.
   *
   * @returns its id, where Harbor says it (`Location`)
   */
  async startGc(parameters: {
    readonly delete_untagged: boolean
    readonly dry_run: boolean
  }): Promise<number | undefined> {
    const schedule = { type: 'Manual' }
    const { headers } = await this.#post('/api/v2.0/system/gc/schedule', { schedule, parameters })
    const [, id] = /\/(\d+)$/.exec(textOf(headers['location'])) ?? []
    return id === undefined ? undefined : Number(id)
  }

  async #delete(path: string): Promise<void> {
    await this.#http.change({ method: 'DELETE', path, headers: { 'x-is-resource-name': 'true' } })
  }

  #post(path: string, body: unknown): ReturnType<Http['change']> {
    return this.#http.change({ method: 'POST', path, headers: JSON_HEADERS, body: JSON.stringify(body) })
  }
}

function artifactPath(repository: string, digest: string): string {
  return `${repositoryPath(repository)}/artifacts/${digest}`
}
