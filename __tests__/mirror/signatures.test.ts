// What hangs on images hangs there at the mirror, too, and takes nobody's place.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import type { StandIn } from '../../stand-in/stand-in.ts'
import { sha256 } from '../../src/plan/id.ts'
import type { Plan } from '../../src/plan/types.ts'
import type { Folder } from '../helpers/program.ts'
import { LONG_AGO } from '../helpers/registry.ts'
import type { Commanded, Commands } from '../helpers/run.ts'
import { registryAt } from '../registry/client.ts'
import { startDockerRegistry } from '../registry/docker-registry.ts'
import { endPair, expectWell, policyText, startPair, type Pair } from './pair.ts'

const REPOSITORY = 'library/app'
const TARGET = 'backup/library/app'

let source: StandIn
let target: StandIn
let folder: Folder
let commands: Commands
let builder: Builder
let pair: Pair
beforeEach(async () => {
  pair = await startPair()
  ;({ source, target, folder, commands, builder } = pair)
})
afterEach(() => endPair(pair))

function policy(action: string, mirror = ''): void {
  folder.write('policy.yml', policyText(action, mirror))
}

const image = (name: string, ...tags: string[]): Artifact =>
  builder.image(REPOSITORY, { tags, layers: [name], pushed: LONG_AGO })

describe('signatures of one image from two repositories', () => {
  const OTHER = 'library/other'

  /** The same image twice; what is attached to the second one is another. */
  function twice(): readonly [tag: string, signature: Artifact] {
    const one = image('one', 'v1')
    const signature = builder.sign(REPOSITORY, one.digest, 'sig', LONG_AGO)
    builder.image(OTHER, { tags: ['v1'], layers: ['one'], pushed: LONG_AGO })
    const tag = `${one.digest.replace(':', '-')}.sig`
    builder.image(OTHER, { tags: [tag], layers: ['not the same'], pushed: LONG_AGO })
    return [tag, signature]
  }

  test.each(['always', 'never'])(
    'to one target, %s: the first one is archived, and the other stays',
    async (overwrite) => {
      const [tag, signature] = twice()
      policy(
        'archive',
        `, overwrite: ${overwrite}, replace: [{ from: "^library/other$", to: "library/app" }]`,
      )
      const { host } = await commands.planAndApply()
      const has = (repository: string): boolean =>
        source.registry.findArtifact(repository, 'v1') !== undefined
      expect([REPOSITORY, OTHER].filter((name) => has(name))).toEqual([OTHER])
      expect(target.registry.findArtifact(TARGET, tag)?.digest).toBe(signature.digest)
      expect(host.text).toContain('is another signature')
    },
  )
})

test('a signature that changed is told, and counts as a change only where it is moved', async () => {
  policy('copy')
  const { digest } = image('one', 'v1')
  builder.sign(REPOSITORY, digest, 'sig', LONG_AGO)
  expectWell(await commands.planAndApply())
  const tag = `${digest.replace(':', '-')}.sig`
  const other = new Builder(target.registry).image(TARGET, { tags: [tag], layers: ['not the same'] })
  const planned = async (): Promise<readonly unknown[]> => {
    const { host } = await commands.run('plan')
    const { targets } = parseJson<Plan>(folder.read('plan.json'))
    return [
      host.outputs['changes'],
      targets.map((each) => each.state),
      /signature is on another/.test(host.text),
    ]
  }
  expect(await planned()).toEqual(['false', ['update'], true])
  expect(target.registry.findArtifact(TARGET, tag)?.digest).toBe(other.digest)
  policy('copy', ', overwrite: always')
  expect(await planned()).toEqual(['true', ['update'], true])
  expectWell(await commands.planAndApply())
  expect(await planned()).toEqual(['false', ['same'], false])
})

// As a run leaves them that was killed between the two.
test('what is there without hanging there is hung up by the next run', async () => {
  const plain = await startDockerRegistry()
  const given = { 'mirror-registry': plain.url, 'mirror-username': '', 'mirror-password': '' }
  const client = registryAt(plain.url)
  const { registry } = client
  const planned = async (): Promise<readonly unknown[]> => {
    const { host } = await commands.run('plan', given)
    const { targets } = parseJson<Plan>(folder.read('plan.json'))
    return [host.outputs['changes'], targets.map((each) => each.state)]
  }
  const apply = async (): Promise<Commanded> => {
    const { id } = parseJson<Plan>(folder.read('plan.json'))
    return commands.run('apply', { ...given, 'plan-id': id })
  }
  const signed = (digest: string): string => `${digest.replace(':', '-')}.sig`
  try {
    policy('copy')
    const [one, two] = [image('one', 'v1'), image('two', 'v2')]
    await planned()
    expectWell(await apply())
    const sbom = builder.refer(one, 'application/spdx+json', 'sbom', LONG_AGO)
    const signature = builder.sign(REPOSITORY, two.digest, 'sig', LONG_AGO)
    expect(await planned()).toEqual(['true', ['new', 'new']])
    expectWell(await apply())
    expect(await planned()).toEqual(['false', ['same', 'same']])

    const list = await registry.manifest(REPOSITORY, one.digest.replace(':', '-'))
    if (list === undefined) throw new Error('there is no list')
    const bytes = Buffer.from(list.bytes.toString().replace(/"manifests":\[.*\]/, '"manifests":[]'))
    const { mediaType } = list
    const empty = { bytes, mediaType }
    await registry.putManifest(REPOSITORY, one.digest.replace(':', '-'), sha256(bytes), empty)
    expect(await planned()).toEqual(['true', expect.arrayContaining(['new', 'same'])])
    expectWell(await apply())
    const other = await registry.manifest(REPOSITORY, 'v1')
    if (other === undefined) throw new Error('there is no v1')
    await registry.putManifest(REPOSITORY, signed(two.digest), one.digest, other)
    expect(await planned()).toEqual(['false', expect.arrayContaining(['update', 'same'])])
    policy('copy', ', overwrite: always')
    await planned()
    expectWell(await apply())
    expect(await planned()).toEqual(['false', ['same', 'same']])

    const referrers = await registry.referrers(REPOSITORY, one.digest)
    expect(referrers.map(({ digest }) => digest)).toEqual([sbom.digest])
    expect(await registry.digestOf(REPOSITORY, signed(two.digest))).toBe(signature.digest)
  } finally {
    await client.close()
    await plain.close()
  }
}, 60_000)

// What clients keep for a registry without referrers of its own may have been added to at either side.
test('a list of referrers under its tag is copied where there is none, and replaces none', async () => {
  const plain = await startDockerRegistry()
  const given = { 'mirror-registry': plain.url, 'mirror-username': '', 'mirror-password': '' }
  const client = registryAt(plain.url)
  const list = (subject: Artifact, name: string): Artifact =>
    builder.index(REPOSITORY, {
      images: [image(name)],
      tags: [subject.digest.replace(':', '-')],
      pushed: LONG_AGO,
    })
  const outcomes = async (): Promise<unknown> => {
    const { host } = await commands.run('plan', given)
    await commands.run('apply', { ...given, 'plan-id': host.outputs['plan-id'] ?? '' })
    return parseJson<{ results: { tags: string[]; outcome: string; why: string }[] }>(
      folder.read('work/result.json'),
    ).results.map(({ tags, outcome, why }) => [tags, outcome, why])
  }
  try {
    folder.write(
      'policy.yml',
      'version: 1\nrules: [{ name: all, select: { tags: ["sha*"] }, copy: always }]\nmirror: { overwrite: always }\n',
    )
    const subject = image('subject')
    const tag = subject.digest.replace(':', '-')
    const first = list(subject, 'one')
    expect(await outcomes()).toEqual([[[tag], 'done', '']])
    const second = list(subject, 'two')
    expect(second.digest).not.toBe(first.digest)
    expect(await outcomes()).toEqual([[[tag], 'skipped', expect.stringMatching(/is never replaced$/)]])
    expect(folder.read('plan.json')).toContain('"state":"blocked"')
    expect(await client.registry.digestOf(REPOSITORY, tag)).toBe(first.digest)
  } finally {
    await client.close()
    await plain.close()
  }
}, 60_000)
