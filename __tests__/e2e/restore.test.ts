// `restore` from beginning to end: what it says, writes and ends with; and that it undoes what `apply` does.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { readBin } from '../../src/bin/bin.ts'
import { Builder } from '../../stand-in/load/build.ts'
import { startGc } from '../../stand-in/state/gc.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { Folder } from '../helpers/program.ts'
import { fillAtRandom, policyAtRandom } from '../helpers/random.ts'
import { LONG_AGO } from '../helpers/registry.ts'
import { Commands, type Commanded } from '../helpers/run.ts'
import { contentsOf } from '../restore/state.ts'
import { Trash } from '../restore/trash.ts'

const REPOSITORY = 'library/app'
const NOW = Date.parse('2026-11-22T12:00:00Z')
let standIn: StandIn
let builder: Builder
let folder: Folder
let commands: Commands
let trash: Trash
beforeEach(async () => {
  standIn = await startStandIn()
  builder = new Builder(standIn.registry)
  folder = new Folder()
  commands = new Commands(folder, standIn.url)
  trash = new Trash(standIn, path.join(folder.path, 'work'))
})
afterEach(async () => {
  await standIn.close()
  folder.remove()
})

function image(tags: readonly string[]): Artifact {
  return builder.image(REPOSITORY, { tags, pushed: LONG_AGO, layers: tags })
}

function restore(given: Readonly<Record<string, string>> = {}): Promise<Commanded> {
  return commands.run('restore', given, NOW)
}

function resultFile(): Record<string, unknown> {
  return parseJson<Record<string, unknown>>(folder.read('work/restored.json'))
}

function changesOf({ requests }: StandIn): readonly string[] {
  return requests
    .filter(({ method }) => method !== 'GET' && method !== 'HEAD')
    .map(({ method, path: at }) => `${method} ${at}`)
}

describe('undoes an apply', () => {
  test.each(Array.from({ length: 12 }, (_, index) => index + 1))(
    'of registry and policy %d',
    async (seed) => {
      fillAtRandom(standIn.registry, seed)
      folder.write('policy.yml', policyAtRandom(seed * 7919))
      const before = contentsOf(standIn.registry)
      const applied = await commands.planAndApply()
      if (applied.reason === 'plan-not-applyable') return
      const after = contentsOf(standIn.registry)
      if (Number(applied.host.outputs['applied']) > 0) expect(after).not.toEqual(before)
      if (Number(applied.host.outputs['applied']) === 0) return
      const { status, reason, host } = await commands.run('restore')
      expect([status, reason, host.complained, host.outputs['failed']]).toEqual([0, '', [], '0'])
      expect(contentsOf(standIn.registry)).toEqual(before)
    },
  )
})

describe('says', () => {
  test('what it did, in report, outputs, result file and bin', async () => {
    const artifact = image(['v1', 'latest'])
    await trash.artifact(artifact)
    await trash.artifact(image(['there']), { gone: false, outcome: 'failed' })
    const { status, reason, host } = await restore()
    expect([status, reason, host.complained, host.warned]).toEqual([0, '', [], []])
    expect(host.outputs).toEqual({ applied: '1', skipped: '1', failed: '0', 'failure-reason': '' })
    expect(host.text).toContain('1 image put back; 1 image there already or left alone.')
    expect(host.text).toContain('their push and pull times are new')
    expect(host.text).toMatch(/Put back: 1\nWhat +Deleted\nlibrary\/app:v1 :latest +23h/)
    expect(resultFile()).toMatchObject({
      format: 'harbor-dredge/restored/1',
      mode: 'done',
      results: [{ repository: REPOSITORY, digest: artifact.digest, outcome: 'restored', notes: [] }, {}],
    })
    const { items, damage } = await readBin(trash.folder)
    expect([items.map(({ restored }) => restored), damage]).toEqual([[true, false], []])
    expect(readdirSync(trash.folder)).toContain('20261122T120000000Z-restore.ndjson')
  })

  test('what of several plans it put back', async () => {
    for (const digit of ['1', '2', '3']) {
      await trash.artifact(image([digit]), { plan: `sha256:${digit.repeat(64)}` })
    }
    await restore()
    const { items } = await readBin(trash.folder)
    expect(items.map(({ restored }) => restored)).toEqual([true, true, true])
    const journal = readFileSync(path.join(trash.folder, '20261122T120000000Z-restore.ndjson'), 'utf8')
    expect(journal.match(/"begun"/g)).toHaveLength(3)
  })

  test('what can’t come back and what is missing, and fails', async () => {
    const [gone, back] = [image(['gone']), image(['back'])]
    await trash.artifact(gone)
    startGc(standIn.registry, { dryRun: false, deleteUntagged: false, deleteTag: false, workers: 1 })
    standIn.registry.clock.settle()
    await trash.artifact(back)
    const { status, reason, host } = await restore()
    expect([status, reason]).toEqual([1, 'not-restorable'])
    expect(host.outputs).toMatchObject({ applied: '1', failed: '1' })
    for (const { digest } of gone.blobs.slice(1)) expect(host.text).toContain(digest)
    expect(host.text).toContain('garbage collection has taken them')
    expect(host.text).toContain('Not everything came back.')
  })

  test('what failed, and fails in part', async () => {
    await trash.artifact(image(['a']))
    await trash.artifact(image(['b']))
    standIn.faults.inject({
      method: 'PUT',
      times: Infinity,
      fault: { kind: 'error', status: 403, code: 'DENIED', message: 'not today' },
    })
    const { status, reason, host } = await restore()
    expect([status, reason]).toEqual([1, 'partly-failed'])
    expect(host.outputs).toMatchObject({ applied: '0', failed: '2' })
    expect(host.text).toContain('not today')
  })

  test('in a dry run what it would do, and changes nothing', async () => {
    await trash.artifact(image(['v1']))
    const { status, host } = await restore({ 'dry-run': 'true' })
    expect([status, changesOf(standIn)]).toEqual([0, []])
    expect(host.text).toContain('1 image would be put back.')
    expect(host.outputs['applied']).toBe('0')
    expect((await readBin(trash.folder)).items[0]?.restored).toBe(false)
  })
})

describe('lists what can come back', () => {
  test('until when, with a policy that keeps it', async () => {
    folder.write(
      'policy.yml',
      'version: 1\nrules: [{ name: r, select: { tags: ["x"] }, delete: always }]\ntrash: { keep: 7d }\n',
    )
    await trash.artifact(image(['v1']))
    const { status, host } = await restore({ list: 'true' })
    expect([status, changesOf(standIn), host.warned]).toEqual([0, [], []])
    expect(host.text).toMatch(
      /Can come back: 1\nWhat +Deleted +Until\nlibrary\/app:v1 +23h +2026-11-28 12:01 UTC/,
    )
  })

  test('without a policy, until the next garbage collection; lost things are no failure', async () => {
    await trash.artifact(image(['gone']))
    startGc(standIn.registry, { dryRun: false, deleteUntagged: false, deleteTag: false, workers: 1 })
    standIn.registry.clock.settle()
    await trash.artifact(image(['v1']))
    standIn.registry.configuration.set('read_only', true)
    const { status, reason, host } = await restore({ list: 'true' })
    expect([status, reason, host.complained]).toEqual([0, '', []])
    expect(host.text).toContain('1 image can come back; 1 image cannot come back.')
    expect(host.text).toMatch(/library\/app:v1 +23h +the next garbage collection/)
  })
})

describe('refuses, and changes nothing,', () => {
  async function expectRefused(
    { status, reason, host }: Commanded,
    expected: readonly [number, string],
    ...words: readonly string[]
  ): Promise<void> {
    expect([status, reason]).toEqual(expected)
    for (const word of words) expect(host.complained.join('\n')).toContain(word)
    expect(changesOf(standIn)).toEqual([])
    expect(host.content).toBeUndefined()
    expect(readdirSync(folder.path, { recursive: true }).join(' ')).not.toContain('restore')
  }

  test('without a bin, or with nothing in it', async () => {
    const expected = `nothing to restore: no apply has written into ${path.join(folder.path, 'work', 'bin')}; \`work-dir\` has to be the one that apply used`
    await expectRefused(await restore(), [2, 'bad-input'], expected)
    mkdirSync(trash.folder, { recursive: true })
    await expectRefused(await restore(), [2, 'bad-input'], expected)
    expect(standIn.requests).toHaveLength(0)
  })

  test('what isn’t in the bin, with what is nearest', async () => {
    await trash.artifact(image(['v1.2.0']))
    await expectRefused(
      await restore({ only: `${REPOSITORY}:v1.2.1, nonsense` }),
      [2, 'bad-input'],
      `nearest are \`${REPOSITORY}:v1.2.0\``,
      '`only` has `nonsense`',
    )
  })

  test('from a bin of another Harbor; of two, the other’s are named and left', async () => {
    await trash.artifact(image(['v1']), { harbor: 'https://other.example.com' })
    await expectRefused(await restore(), [2, 'bad-input'], 'https://other.example.com', 'check harbor-url')
    await trash.artifact(image(['v2']))
    const { status, host } = await restore()
    expect([status, host.outputs['applied']]).toEqual([0, '1'])
    expect(host.text).toContain('Deleted from another Harbor, and left alone: https://other.example.com (1)')
    expect(standIn.registry.findArtifact(REPOSITORY, 'v1')).toBeUndefined()
  })

  test('on a Harbor that is read-only', async () => {
    await trash.artifact(image(['v1']))
    standIn.registry.configuration.set('read_only', true)
    await expectRefused(await restore(), [1, 'harbor-read-only'], 'is in read-only mode')
  })

  test('with an account that may not push, naming what it lacks', async () => {
    await trash.artifact(image(['v1', 'v2']))
    const { registry } = standIn
    registry.addUser({ name: 'guest', password: 'Guest12345' })
    const guest = registry.users.get('guest')
    if (guest !== undefined) registry.addMember('library', guest, 'guest')
    await expectRefused(
      await restore({ 'harbor-username': 'guest', 'harbor-password': 'Guest12345' }),
      [1, 'unauthorized'],
      'project library: repository:push, tag:create; give the robot Push Repository, Create Tag there',
    )
  })

  test('when it can’t note down what it does', async () => {
    await trash.artifact(image(['v1']))
    writeFileSync(path.join(trash.folder, '20261122T120000000Z-restore.ndjson'), '')
    const { status, reason } = await restore()
    expect([status, reason, changesOf(standIn)]).toEqual([1, 'journal', []])
  })
})

test('warns of lines in the bin that can’t be read', async () => {
  await trash.artifact(image(['v1']))
  writeFileSync(path.join(trash.folder, '9.ndjson'), '{"record":"beg')
  const { status, host } = await restore()
  expect([status, host.outputs['applied']]).toEqual([0, '1'])
  expect(host.warned).toEqual([expect.stringContaining('9.ndjson:1: the last line is cut short')])
})
