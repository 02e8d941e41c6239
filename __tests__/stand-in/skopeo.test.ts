// A real client: skopeo pushes an image and an index to the stand-in, and pulls them from it.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test as always } from '@jest/globals'
import { type StandIn, startStandIn } from '../../stand-in/stand-in.ts'
import { Builder } from '../../stand-in/load/build.ts'
import { bytesOf } from '../../stand-in/state/content.ts'
import { access, addRobot } from '../../stand-in/state/robots.ts'

/** Machines without it do without these. */
const test = spawnSync('skopeo', ['--version']).status === 0 ? always : always.skip

let source: StandIn
let target: StandIn
const directory = mkdtempSync(path.join(tmpdir(), 'stand-in-'))
const policy = path.join(directory, 'policy.json')

beforeAll(async () => {
  source = await startStandIn()
  target = await startStandIn()
  for (const { registry } of [source, target]) {
    registry.addProject({ name: 'team' })
    addRobot(registry, {
      name: 'mover',
      level: 'project',
      secret: 'Secret12345',
      permissions: [
        { kind: 'project', namespace: 'team', access: access('repository:pull repository:push') },
      ],
    })
  }
  writeFileSync(policy, '{"default":[{"type":"insecureAcceptAnything"}]}')
})
afterAll(async () => {
  await source.close()
  await target.close()
  rmSync(directory, { recursive: true })
})

async function skopeo(...args: string[]): Promise<string> {
  const child = spawn('skopeo', ['--policy', policy, ...args])
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk))
  const status = await new Promise<number | null>((resolve) => {
    child.on('close', resolve)
  })
  const text = Buffer.concat(output).toString()
  if (status !== 0) throw new Error(text)
  return text
}

const at = ({ url }: StandIn, reference: string): string => `docker://${new URL(url).host}/${reference}`
const CREDENTIALS = 'robot$team+mover:Secret12345'
const COPY = [
  'copy',
  '--all',
  '--preserve-digests',
  '--src-tls-verify=false',
  '--dest-tls-verify=false',
  '--src-creds',
  CREDENTIALS,
  '--dest-creds',
  CREDENTIALS,
]

test('an image, from one to the other and into a directory', async () => {
  const image = new Builder(source.registry).image('team/app', {
    tags: ['v1'],
    layers: [{ name: 'base', size: 300_000 }, 'app'],
  })
  await skopeo(...COPY, at(source, 'team/app:v1'), at(target, 'team/copied/app:v1'))
  const copied = target.registry.artifact('team/copied/app', 'v1')
  expect(copied.digest).toBe(image.digest)
  expect(copied.size).toBe(image.size)
  expect(copied.extraAttributes).toEqual(image.extraAttributes)

  const out = path.join(directory, 'out')
  await skopeo(
    'copy',
    '--src-tls-verify=false',
    '--src-creds',
    CREDENTIALS,
    at(target, 'team/copied/app:v1'),
    `dir:${out}`,
  )
  const pulled = readFileSync(path.join(out, 'manifest.json'))
  expect(`sha256:${createHash('sha256').update(pulled).digest('hex')}`).toBe(image.digest)
})

test('an index with its children and attestations; what is there already is mounted or left', async () => {
  const builder = new Builder(source.registry)
  const images = ['linux/amd64', 'linux/arm64/v8'].map((platform) =>
    builder.image('team/multi', { platform, layers: ['shared', platform] }),
  )
  const index = builder.index('team/multi', { tags: ['2.0'], images, attestations: true })
  await skopeo(...COPY, at(source, 'team/multi:2.0'), at(target, 'team/multi:2.0'))
  const copied = target.registry.artifact('team/multi', '2.0')
  expect(copied.digest).toBe(index.digest)
  expect(copied.references.map(({ child }) => child.digest)).toEqual(
    index.references.map(({ child }) => child.digest),
  )
  expect(copied.references.map(({ platform }) => platform?.architecture)).toEqual([
    'amd64',
    'unknown',
    'arm64',
    'unknown',
  ])
  for (const blob of copied.references.flatMap(({ child }) => child.blobs)) {
    expect(bytesOf(blob.content).length).toBe(blob.size)
  }
  const inspected = await skopeo(
    'inspect',
    '--tls-verify=false',
    '--creds',
    CREDENTIALS,
    at(target, 'team/multi:2.0'),
  )
  expect(JSON.parse(inspected)).toMatchObject({ RepoTags: ['2.0'], Architecture: 'amd64' })
})

test('pulls count, here as there', async () => {
  const before = source.registry.repository('team/app').pulls
  await skopeo(
    'copy',
    '--src-tls-verify=false',
    '--src-creds',
    CREDENTIALS,
    at(source, 'team/app:v1'),
    `dir:${path.join(directory, 'again')}`,
  )
  await fetch(`${source.url}/api/v2.0/ping`)
  expect(source.registry.repository('team/app').pulls).toBe(before + 1)
})

test('is refused without rights', async () => {
  await expect(
    skopeo('inspect', '--tls-verify=false', '--creds', 'admin:wrong', at(source, 'team/app:v1')),
  ).rejects.toThrow('unauthorized')
})
