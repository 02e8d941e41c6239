// Images are pushed, planned for, deleted and restored, and are bit for bit the same as before: on a real Harbor where
// HARBOR_URL, HARBOR_USERNAME and HARBOR_PASSWORD say which, in a project that is made for it and removed afterwards.
// The account has to be allowed to make projects.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { parseJson } from '../../stand-in/state/json.ts'
import type { StandIn } from '../../stand-in/stand-in.ts'
import type { Plan } from '../../src/plan/types.ts'
import { compareText } from '../../src/shared/order.ts'
import { clientOf, type Client } from '../helpers/connect.ts'
import { Folder } from '../helpers/program.ts'
import { Commands } from '../helpers/run.ts'
import type { Server } from '../helpers/naive.ts'
import { Pusher, type Descriptor } from './pusher.ts'
import { startServer } from './server.ts'

const PROJECT = `dredge-contract-${randomBytes(4).toString('hex')}`
const REPOSITORY = `${PROJECT}/there/and-back`
const POLICY = `version: 1
scope: { projects: [${PROJECT}] }
rules:
  - { name: old, select: { tags: ["old-*"] }, delete: always }
  - { name: untagged, select: { untagged: true }, delete: always }
limits: { grace: 0m, keep-per-repository: 0, max-delete-percent: 100 }
`

let standIn: StandIn | undefined
let server: Server
let client: Client
let folder: Folder
let commands: Commands
let pusher: Pusher

beforeAll(async () => {
  ;({ server, standIn } = await startServer())
  client = clientOf(server.url, { credentials: server })
  folder = new Folder()
  folder.write('policy.yml', POLICY)
  folder.write('trust.json', '{"default":[{"type":"insecureAcceptAnything"}]}')
  folder.write(
    'auth.json',
    JSON.stringify({
      auths: { [new URL(server.url).host]: { auth: btoa(`${server.username}:${server.password}`) } },
    }),
  )
  commands = new Commands(folder, server.url, {
    'harbor-username': server.username,
    'harbor-password': server.password,
  })
  pusher = new Pusher(server)
  await pusher.ask('POST', '/api/v2.0/projects', {
    body: JSON.stringify({ project_name: PROJECT, metadata: { public: 'false' } }),
  })
}, 60_000)
afterAll(async () => {
  const repositories = await client.harbor.repositories(PROJECT)
  for (const { name } of repositories.items) {
    const inProject = encodeURIComponent(encodeURIComponent(name.slice(PROJECT.length + 1)))
    await pusher.ask('DELETE', `/api/v2.0/projects/${PROJECT}/repositories/${inProject}`)
  }
  await pusher.ask('DELETE', `/api/v2.0/projects/${PROJECT}`)
  await client.close()
  folder.remove()
  await standIn?.close()
}, 60_000)

/** Everything that skopeo copies of an image, by file name. */
async function pulled(digest: string, into: string): Promise<ReadonlyMap<string, string>> {
  const directory = path.join(folder.path, into)
  const { host, protocol } = new URL(server.url)
  await promisify(execFile)('skopeo', [
    '--policy',
    path.join(folder.path, 'trust.json'),
    'copy',
    '--all',
    '--preserve-digests',
    `--src-tls-verify=${String(protocol === 'https:')}`,
    '--src-authfile',
    path.join(folder.path, 'auth.json'),
    `docker://${host}/${REPOSITORY}@${digest}`,
    `dir:${directory}`,
  ])
  return new Map(
    readdirSync(directory).map((name) => [name, readFileSync(path.join(directory, name)).toString('base64')]),
  )
}

/** What Harbor has, ids and times apart. */
async function state(): Promise<unknown> {
  const { items } = await client.harbor.artifacts({ repository: REPOSITORY }, DETAILS)
  const tags: readonly string[] = await client.harbor.allTags(REPOSITORY).catch(() => [])
  return {
    tags: tags.toSorted(compareText),
    artifacts: items
      .map(({ digest, type, size, references, tags: own, accessories }) => ({
        digest,
        type,
        size,
        children: references.map(({ child_digest: child }) => child).toSorted(compareText),
        tags: own.map(({ name }) => name).toSorted(compareText),
        accessories: (accessories ?? []).map((each) => `${each.type} ${each.digest}`).toSorted(compareText),
      }))
      .toSorted((a, b) => compareText(a.digest, b.digest)),
  }
}

const DETAILS = { labels: true, accessories: true, immutability: false }

test('an image with two tags, an index with attestations, signed ones with referrers', async () => {
  const image = await pusher.image(REPOSITORY, 'old-1', 'one')
  await pusher.manifest(REPOSITORY, 'old-also', parseJson(await raw(image)))
  const index = await pusher.index(REPOSITORY, 'old-index', 'multi')
  const signed = await pusher.image(REPOSITORY, 'old-signed', 'signed')
  await pusher.signature(REPOSITORY, signed)
  const sbom = await pusher.referrer(REPOSITORY, signed, 'application/spdx+json')
  await pusher.referrer(REPOSITORY, sbom, 'application/vnd.example.note')
  const untagged = await pusher.image(REPOSITORY, '', 'nameless')
  await pusher.image(REPOSITORY, 'new', 'kept')
  await pusher.manifest(
    REPOSITORY,
    'old-name-of-new',
    parseJson(await raw(await pusher.image(REPOSITORY, 'new', 'kept'))),
  )
  const images = [image, index, signed, untagged]

  const before = await state()
  const bits = await Promise.all(images.map(({ digest }, nth) => pulled(digest, `before-${nth}`)))
  const applied = await commands.planAndApply()
  const plan = parseJson<Plan>(folder.read('plan.json'))
  expect([applied.status, applied.reason, applied.host.complained, applied.host.warned]).toEqual([
    0,
    '',
    [],
    [],
  ])
  expect(applied.host.outputs).toMatchObject({
    applied: String(plan.actions.length),
    skipped: '0',
    failed: '0',
  })
  for (const { digest } of images) {
    await expect(client.harbor.artifact(REPOSITORY, digest)).rejects.toThrow(/answered 404/)
  }
  const { items } = await client.harbor.artifacts({ repository: REPOSITORY }, DETAILS)
  expect(items.map(({ tags }) => tags.map(({ name }) => name))).toEqual([['new']])

  const restored = await commands.run('restore')
  expect([restored.status, restored.reason, restored.host.complained]).toEqual([0, '', []])
  expect(await state()).toEqual(before)
  const again = await Promise.all(images.map(({ digest }, nth) => pulled(digest, `after-${nth}`)))
  expect(again).toEqual(bits)
}, 120_000)

async function raw({ digest }: Descriptor): Promise<string> {
  return (await client.harbor.manifest(REPOSITORY, digest)).bytes.toString('utf8')
}
