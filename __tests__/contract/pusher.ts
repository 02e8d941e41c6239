// Pushes images as clients do, over the distribution API, to whatever registry is there.
import { createHash } from 'node:crypto'
import type { Server } from '../helpers/naive.ts'

export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly [field: string]: unknown
}

const OCI = 'application/vnd.oci.image'

export function digestOf(bytes: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

export class Pusher {
  readonly #server: Server

  constructor(server: Server) {
    this.#server = server
  }

  async ask(
    method: string,
    target: string,
    { body, type = 'application/json' }: { body?: string; type?: string } = {},
  ): Promise<Response> {
    const { url, username, password } = this.#server
    const send = (): Promise<Response> =>
      fetch(new URL(target, url), {
        method,
        headers: {
          authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
          'content-type': type,
        },
        ...(body === undefined ? {} : { body }),
      })
    // A connection that was kept may have been closed by the server just then.
    const response = await send().catch(send)
    if (!response.ok) throw new Error(`${method} ${target}: ${response.status} ${await response.text()}`)
    return response
  }

  /** A blob, if need be uploaded. */
  async blob(repository: string, content: string, mediaType: string): Promise<Descriptor> {
    const digest = digestOf(content)
    const begun = await this.ask('POST', `/v2/${repository}/blobs/uploads/`)
    const location = new URL(begun.headers.get('location') ?? '', this.#server.url)
    location.searchParams.set('digest', digest)
    await this.ask('PUT', `${location.pathname}${location.search}`, {
      body: content,
      type: 'application/octet-stream',
    })
    return { mediaType, digest, size: Buffer.byteLength(content) }
  }

  async manifest(
    repository: string,
    reference: string,
    manifest: { mediaType: string },
  ): Promise<Descriptor> {
    const body = JSON.stringify(manifest)
    const { mediaType } = manifest
    const digest = digestOf(body)
    const under = reference === '' ? digest : reference
    await this.ask('PUT', `/v2/${repository}/manifests/${under}`, { body, type: mediaType })
    return { mediaType, digest, size: Buffer.byteLength(body) }
  }

  /** An image of one layer, under a tag or by its digest alone. */
  async image(repository: string, tag: string, name: string, architecture = 'amd64'): Promise<Descriptor> {
    const layer = await this.blob(repository, `layer of ${name}`, `${OCI}.layer.v1.tar`)
    const config = await this.blob(
      repository,
      JSON.stringify({
        architecture,
        os: 'linux',
        rootfs: { type: 'layers', diff_ids: [layer.digest] },
        config: { Labels: { name } },
      }),
      `${OCI}.config.v1+json`,
    )
    const image = { schemaVersion: 2, mediaType: `${OCI}.manifest.v1+json`, config, layers: [layer] }
    return this.manifest(repository, tag, image)
  }

  /** An index of two platforms, with an attestation for the first. */
  async index(repository: string, tag: string, name: string): Promise<Descriptor> {
    const amd64 = await this.image(repository, '', `${name} amd64`)
    const arm64 = await this.image(repository, '', `${name} arm64`, 'arm64')
    const attestation = await this.image(repository, '', `${name} attestation`, 'unknown')
    return this.manifest(repository, tag, {
      schemaVersion: 2,
      mediaType: `${OCI}.index.v1+json`,
      manifests: [
        { ...amd64, platform: { os: 'linux', architecture: 'amd64' } },
        { ...arm64, platform: { os: 'linux', architecture: 'arm64' } },
        {
          ...attestation,
          platform: { os: 'unknown', architecture: 'unknown' },
          annotations: {
            'vnd.docker.reference.type': 'attestation-manifest',
            'vnd.docker.reference.digest': amd64.digest,
          },
        },
      ],
    } as { mediaType: string })
  }

  /** What OCI 1.1 calls a referrer. */
  async referrer(repository: string, subject: Descriptor, artifactType: string): Promise<Descriptor> {
    const layer = await this.blob(repository, `${artifactType} of ${subject.digest}`, artifactType)
    const config = await this.blob(repository, '{}', 'application/vnd.oci.empty.v1+json')
    return this.manifest(repository, '', {
      schemaVersion: 2,
      mediaType: `${OCI}.manifest.v1+json`,
      artifactType,
      config,
      layers: [layer],
      subject,
    } as { mediaType: string })
  }

  /** A signature as cosign 2 tags it. */
  async signature(repository: string, subject: Descriptor): Promise<Descriptor> {
    const payload = await this.blob(
      repository,
      JSON.stringify({ critical: { image: { 'docker-manifest-digest': subject.digest } } }),
      'application/vnd.dev.cosign.simplesigning.v1+json',
    )
    const config = await this.blob(
      repository,
      JSON.stringify({ architecture: '', os: '', rootfs: { type: 'layers', diff_ids: [payload.digest] } }),
      `${OCI}.config.v1+json`,
    )
    return this.manifest(repository, `${subject.digest.replace(':', '-')}.sig`, {
      schemaVersion: 2,
      mediaType: `${OCI}.manifest.v1+json`,
      config,
      layers: [{ ...payload, annotations: { 'dev.cosignproject.cosign/signature': 'none' } }],
    } as { mediaType: string })
  }
}
