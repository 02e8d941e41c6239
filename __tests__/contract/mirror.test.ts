// Images are copied to a mirror, bit for bit, and Harbor counts no pull of any of them: on a real Harbor where
// HARBOR_URL, HARBOR_USERNAME and HARBOR_PASSWORD say which, in a project that is made for it and removed afterwards.
// The account has to be allowed to make projects.
import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { parseJson } from '../../stand-in/state/json.ts'
import type { StandIn } from '../../stand-in/stand-in.ts'
import { Folder } from '../helpers/program.ts'
import { Commands } from '../helpers/run.ts'
import { listedAt } from '../mirror/whole.ts'
import { Storage } from '../mirror/storage.ts'
import { startDockerRegistry, type DockerRegistry } from '../registry/docker-registry.ts'
import type { Server } from '../helpers/naive.ts'
import { Pusher, type Descriptor } from './pusher.ts'
import { startServer } from './server.ts'

const PROJECT = `dredge-contract-${randomBytes(4).toString('hex')}`
const REPOSITORY = `${PROJECT}/to/mirror`
const API = `/api/v2.0/projects/${PROJECT}/repositories/${encodeURIComponent(encodeURIComponent('to/mirror'))}`
const POLICY = `version: 1
scope: { projects: [${PROJECT}] }
rules: [{ name: all, select: { tags: ["v*"] }, copy: always }]
mirror: { repository: "kept/{repository}", verify: deep }
`

let standIn: StandIn | undefined
let server: Server
let mirror: DockerRegistry
let folder: Folder
let pusher: Pusher

beforeAll(async () => {
  ;({ server, standIn } = await startServer())
  mirror = await startDockerRegistry()
  folder = new Folder()
  folder.write('policy.yml', POLICY)
  pusher = new Pusher(server)
  await pusher.ask('POST', '/api/v2.0/projects', {
    body: JSON.stringify({ project_name: PROJECT, metadata: { public: 'false' } }),
  })
}, 60_000)
afterAll(async () => {
  await pusher.ask('DELETE', API)
  await pusher.ask('DELETE', `/api/v2.0/projects/${PROJECT}`)
  await mirror.close()
  folder.remove()
  await standIn?.close()
}, 60_000)

interface Artifact {
  readonly digest: string
  readonly pull_time: string
  readonly tags: readonly { readonly name: string; readonly pull_time: string }[] | null
  readonly accessories: readonly { readonly digest: string }[] | null
}

async function artifact(reference: string): Promise<Artifact> {
  const answer = await pusher.ask('GET', `${API}/artifacts/${reference}?with_tag=true&with_accessory=true`)
  return parseJson<Artifact>(await answer.text())
}

/** When each artifact and tag was pulled last, children and accessories too, and how often anything was. */
async function pulls(): Promise<ReadonlyMap<string, string>> {
  const answer = await pusher.ask('GET', `${API}/artifacts?page_size=100&q=base%3D*`)
  const waiting = parseJson<Artifact[]>(await answer.text()).map(({ digest }) => digest)
  const times = new Map<string, string>()
  for (let digest = waiting.pop(); digest !== undefined; digest = waiting.pop()) {
    const { pull_time: pulled, tags, accessories } = await artifact(digest)
    times.set(digest, pulled)
    for (const tag of tags ?? []) times.set(`${digest} ${tag.name}`, tag.pull_time)
    waiting.push(...(accessories ?? []).map((accessory) => accessory.digest).filter((one) => !times.has(one)))
  }
  const repository = await pusher.ask('GET', API)
  const { pull_count: count = 0 } = parseJson<{ pull_count?: number }>(await repository.text())
  return times.set('pulls', String(count))
}

/** Pulls as clients do, and waits until Harbor has counted it, and with it all pulls before: it does so now and then. */
async function pullAndWait(image: Descriptor): Promise<void> {
  const { pull_time: before } = await artifact(image.digest)
  const authorization = `Basic ${Buffer.from(`${server.username}:${server.password}`).toString('base64')}`
  const path = `/v2/${REPOSITORY}/manifests/${image.digest}`
  const headers = { authorization, accept: image.mediaType, 'user-agent': 'docker/28.0' }
  const answer = await fetch(new URL(path, server.url), { headers })
  expect(answer.status).toBe(200)
  while ((await artifact(image.digest)).pull_time === before) await setTimeout(100)
}

/** What is at the mirror of a manifest and all that it names, every byte of it hashed. */
function present(digest: string): boolean {
  const storage = new Storage(mirror.storage)
  const bytes = storage.manifest('kept/to/mirror', digest)
  if (bytes === undefined) return false
  const {
    config,
    layers = [],
    manifests = [],
  } = parseJson<{
    config?: Descriptor
    layers?: readonly Descriptor[]
    manifests?: readonly Descriptor[]
  }>(bytes.toString('utf8'))
  const blobs = config === undefined ? layers : [config, ...layers]
  return (
    blobs.every((blob) => storage.blob('kept/to/mirror', blob.digest)?.length === blob.size) &&
    manifests.every((child) => present(child.digest))
  )
}

test('an image by hand and one by skopeo, an index with attestations, a signed one with referrers', async () => {
  const image = await pusher.image(REPOSITORY, 'v1', 'one')
  const layer = await pusher.blob(REPOSITORY, 'x'.repeat(1_500_000), 'application/vnd.oci.image.layer.v1.tar')
  const config = await pusher.blob(
    REPOSITORY,
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    }),
    'application/vnd.oci.image.config.v1+json',
  )
  const large = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config,
    layers: [layer],
  }
  const big = await pusher.manifest(REPOSITORY, 'v1-big', large)
  const index = await pusher.index(REPOSITORY, 'v2', 'multi')
  const signed = await pusher.image(REPOSITORY, 'v3', 'signed')
  const signature = await pusher.signature(REPOSITORY, signed)
  const sbom = await pusher.referrer(REPOSITORY, signed, 'application/spdx+json')
  const note = await pusher.referrer(REPOSITORY, sbom, 'application/vnd.example.note')
  const sentinel = await pusher.image(REPOSITORY, 'other', 'not copied')
  await pullAndWait(sentinel)

  const before = await pulls()
  const commands = new Commands(folder, server.url, {
    'harbor-username': server.username,
    'harbor-password': server.password,
    'mirror-registry': mirror.url,
  })
  const { status, reason, host } = await commands.planAndApply()
  expect([status, reason, host.complained, host.warned, host.outputs['applied']]).toEqual([
    0,
    '',
    [],
    [],
    '4',
  ])
  const { results } = parseJson<{ results: { how?: string }[] }>(folder.read('work/result.json'))
  expect(results.filter(({ how }) => how === 'skopeo')).toHaveLength(1)

  const all = [image, big, index, signed, signature, sbom, note]
  expect(all.filter(({ digest }) => !present(digest))).toEqual([])
  const storage = new Storage(mirror.storage)
  const tags = storage.tags().filter((tag) => !/:sha256-[0-9a-f]{64} /.test(tag))
  expect(tags).toEqual(
    [
      `v1 ${image.digest}`,
      `v1-big ${big.digest}`,
      `v2 ${index.digest}`,
      `v3 ${signed.digest}`,
      `${signed.digest.replace(':', '-')}.sig ${signature.digest}`,
    ]
      .map((tag) => `kept/to/mirror:${tag}`)
      .toSorted(),
  )
  expect(listedAt(storage, 'kept/to/mirror', signed.digest)).toEqual([sbom.digest])
  expect(listedAt(storage, 'kept/to/mirror', sbom.digest)).toEqual([note.digest])

  await pullAndWait(sentinel)
  const after = await pulls()
  const moved = [...before].filter(([name, when]) => after.get(name) !== when).map(([name]) => name)
  // The one pull that was one, which names no tag.
  expect([moved.toSorted(), Number(after.get('pulls')) - Number(before.get('pulls'))]).toEqual([
    ['pulls', sentinel.digest].toSorted(),
    1,
  ])
}, 120_000)
