// Garbage collection with a recycle bin: what stays, what goes, and what is said about it.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { readBin, savedManifests } from '../../src/bin/bin.ts'
import { startGc } from '../../stand-in/state/gc.ts'
import { access, addRobot } from '../../stand-in/state/robots.ts'
import { Client } from '../stand-in/client.ts'
import { blobsOf, DAY, HOUR, Lab, named, NOW } from './lab.ts'

const MANUAL = { dryRun: false, deleteUntagged: false, deleteTag: false, workers: 1 }
const DELETED_FORM = 'application/vnd.oci.image.manifest.v1+json'
let lab: Lab

beforeEach(async () => {
  lab = await Lab.start()
})
afterEach(() => lab.close())

/** A Harbor whose garbage collections take as long. */
async function slowly(jobMark: number): Promise<void> {
  await lab.close()
  lab = await Lab.start({ pullFlush: 0, jobRun: 0, jobMark })
}

async function inBin(): Promise<readonly string[]> {
  const { items, damage } = await readBin(lab.bin)
  expect(damage).toEqual([])
  return items.map(({ repository, tags }) => `${repository}:${tags.join(',')}`)
}

const robot = (permissions: string, system = ''): { username: string; password: string } => {
  const password = 'Secret12345'
  addRobot(lab.standIn.registry, {
    name: 'gc',
    level: 'system',
    secret: password,
    permissions: [
      { kind: 'project', namespace: '*', access: access(permissions) },
      ...(system === '' ? [] : [{ kind: 'system' as const, namespace: '/', access: access(system) }]),
    ],
  })
  return { username: 'robot$gc', password }
}

describe('the recycle bin', () => {
  test('what is inside keep survives; what is older is swept, named, and dropped', async () => {
    const young = lab.image('team-a/app', 'young')
    const old = lab.image('team-a/app', 'old', 7000)
    lab.image('team-a/app', 'stays')
    await lab.deleted(old, { at: NOW - 8 * DAY })
    await lab.deleted(young, { at: NOW - 6 * DAY })
    const collected = await lab.collect({ keep: 7 * DAY })
    expect(collected).toMatchObject({ failure: undefined, dropped: true, gone: [] })
    expect(named(collected.restorable)).toEqual(['team-a/app:young'])
    expect(named(collected.leaving)).toEqual(['team-a/app:old'])
    // The base layer is an image's that stays.
    expect([lab.blobsLeft(young), blobsOf(young).length, lab.blobsLeft(old)]).toEqual([3, 3, 1])
    expect(await inBin()).toEqual(['team-a/app:young'])
    expect(collected.freed?.bytes).toBe(
      [old, young].reduce((sum, { manifest }) => sum + manifest.size, 7000) + configSize(old),
    )
    const said =
      '1 deleted image went longer than trash.keep, 7d, ago and cannot come back after this garbage collection. The newest: team-a/app:old'
    expect(lab.told.warned).toEqual([said])
  })

  test('what survives comes back', async () => {
    const image = lab.image('team-a/app', 'v1')
    await lab.deleted(image, { at: NOW - DAY })
    await lab.collect({ keep: 7 * DAY })
    const [item] = (await readBin(lab.bin)).items
    const [manifest] = item === undefined ? [] : await savedManifests(item)
    const put = async (): Promise<number> => {
      const body = Buffer.from(manifest?.content ?? '', 'base64').toString()
      const headers = { 'content-type': DELETED_FORM }
      return (await new Client(lab.standIn).ask('PUT', '/v2/team-a/app/manifests/v1', { body, headers }))
        .status
    }
    expect(await put()).toBe(201)
    await lab.close()
    lab = await Lab.start()
    await lab.deleted(lab.image('team-a/app', 'v1'), { at: NOW - DAY })
    await lab.collect()
    expect(await put()).toBe(400)
  })

  test('stays as it is for a second one, until its time is over', async () => {
    const image = lab.image('team-a/app', 'v1')
    await lab.deleted(image, { at: NOW - DAY })
    for (let day = 1; day < 7; day += 1) {
      lab.now = NOW - DAY + day * DAY
      const { failure, leaving } = await lab.collect({ keep: 7 * DAY })
      expect([failure, leaving, lab.blobsLeft(image)]).toEqual([undefined, [], 3])
    }
    lab.now = NOW + 6 * DAY
    expect((await lab.collect({ keep: 7 * DAY })).leaving).toHaveLength(1)
    expect([lab.blobsLeft(image), await inBin()]).toEqual([0, []])
  })

  test('keeps an index with its children, and a signature', async () => {
    const { builder } = lab
    const pushed = NOW - 100 * DAY
    const images = ['linux/amd64', 'linux/arm64'].map((platform) =>
      builder.image('team-a/multi', { platform, layers: [platform], pushed }),
    )
    const index = builder.index('team-a/multi', { images, tags: ['v1'], pushed })
    const signature = builder.sign('team-a/multi', index.digest, 'sig', pushed)
    await lab.deleted(index, { at: NOW - DAY })
    expect(lab.standIn.registry.repository('team-a/multi').artifacts.size).toBe(0)
    await lab.collect({ keep: 7 * DAY })
    expect([...images, signature].map((each) => lab.blobsLeft(each))).toEqual([2, 2, 2])
  })

  test('one HEAD for every blob, however many images have it', async () => {
    for (const tag of ['a', 'b', 'c']) await lab.deleted(lab.image('team-a/app', tag), { at: NOW - DAY })
    await lab.deleted(lab.image('team-b/app', 'd'), { at: NOW - DAY })
    await lab.collect({ keep: 7 * DAY })
    // Four layers and four configurations, and the layer that all share.
    expect(lab.requests('HEAD', '/blobs/')).toBe(9)
  })

  test('a keep below Harbor’s two hours means what it says', async () => {
    const [young, old] = [lab.image('team-a/app', 'young'), lab.image('team-a/app', 'old')]
    await lab.deleted(young, { at: NOW - HOUR / 4 })
    await lab.deleted(old, { at: NOW - HOUR })
    await lab.collect({ keep: HOUR / 2 })
    expect([lab.blobsLeft(young), await inBin()]).toEqual([3, ['team-a/app:young']])
    expect(lab.standIn.registry.blobs.has(blobsOf(old)[1] ?? '')).toBe(false)
  })

  test('two bins are one when their journals are in one folder', async () => {
    const [one, two] = [lab.image('team-a/app', 'one'), lab.image('team-b/app', 'two')]
    await lab.deleted(one, { at: NOW - DAY })
    const other = path.join(lab.folder.path, 'other')
    await rename(lab.bin, other)
    await lab.deleted(two, { at: NOW - 2 * DAY })
    expect(await inBin()).toEqual(['team-b/app:two'])
    await cp(other, lab.bin, { recursive: true })
    const { restorable } = await lab.collect({ keep: 7 * DAY })
    expect(named(restorable)).toEqual(['team-a/app:one', 'team-b/app:two'])
    expect([lab.blobsLeft(one), lab.blobsLeft(two)]).toEqual([3, 3])
  })

  test('what was restored, and what another Harbor had, isn’t asked for', async () => {
    const elsewhere = 'https://other.example.com'
    await lab.deleted(lab.image('team-a/app', 'back'), { at: NOW - DAY, restored: true })
    await lab.deleted(lab.image('team-a/app', 'else'), { at: NOW - DAY, harbor: elsewhere })
    expect((await lab.collect({ keep: 7 * DAY })).restorable).toEqual([])
    expect(lab.requests('HEAD', '/blobs/')).toBe(0)
    expect(lab.told.warned).toEqual([
      expect.stringMatching(/by another address, it is not kept: https:\/\/other/),
    ])
    expect(await inBin()).toHaveLength(2)
  })

  test('a blob that is gone already: its image is named, the others are kept', async () => {
    const [broken, whole] = [lab.image('team-a/app', 'broken'), lab.image('team-a/app', 'whole')]
    await lab.deleted(broken, { at: NOW - DAY })
    await lab.deleted(whole, { at: NOW - DAY })
    lab.standIn.registry.blobs.delete(
      blobsOf(broken).find((digest) => !blobsOf(whole).includes(digest)) ?? '',
    )
    const { failure, gone, restorable } = await lab.collect({ keep: 7 * DAY })
    expect([failure, named(gone), named(restorable)]).toEqual([
      undefined,
      ['team-a/app:broken'],
      ['team-a/app:whole'],
    ])
    expect(lab.told.warned).toEqual([expect.stringContaining('cannot come back')])
    expect(lab.blobsLeft(whole)).toBe(3)
  })

  test('a repository that doesn’t have the blob any more: another one that shares it is asked', async () => {
    const image = lab.image('team-a/two', 'v1')
    await lab.saved(image, { at: NOW - HOUR, repository: 'team-a/one' })
    await lab.deleted(image, { at: NOW - DAY })
    expect((await lab.collect({ keep: 7 * DAY })).restorable).toHaveLength(2)
    expect([lab.blobsLeft(image), lab.requests('HEAD', '/v2/team-a/one/blobs/')]).toEqual([3, 3])
  })

  test('a project that is gone doesn’t stop it for ever', async () => {
    const { registry } = lab.standIn
    await lab.deleted(lab.image('team-b/app', 'v1'), { at: NOW - DAY })
    registry.projects.delete('team-b')
    expect(await lab.collect({ keep: 7 * DAY })).toMatchObject({
      failure: undefined,
      gone: [{ tags: ['v1'] }],
    })
  })
})

function configSize(artifact: ReturnType<Lab['image']>): number {
  const configs = artifact.blobs.filter(({ contentType }) => contentType.includes('config'))
  expect(configs).toHaveLength(1)
  return configs[0]?.size ?? 0
}

describe('without trash.keep', () => {
  test('everything is swept, and said before it is', async () => {
    const images = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((tag) => lab.image('team-a/app', tag))
    for (const [index, image] of images.entries()) await lab.deleted(image, { at: NOW - (index + 1) * HOUR })
    const started = startOf()
    const collected = await lab.collect()
    expect(lab.told.warned).toEqual([
      'The policy has no trash.keep: 7 deleted images that could be restored until now cannot come back after this garbage collection, which sweeps every blob of theirs that is older than two hours. The newest: team-a/app:a, team-a/app:b, team-a/app:c, team-a/app:d, team-a/app:e and 2 more',
    ])
    expect(started()).toEqual([1])
    expect(images.map((image) => lab.blobsLeft(image))).toEqual(images.map(() => 0))
    expect([collected.restorable, collected.leaving.length, collected.dropped]).toEqual([[], 7, false])
    expect(lab.requests('HEAD', '/blobs/')).toBe(0)
  })

  test('it is said once', async () => {
    await lab.deleted(lab.image('team-a/app', 'v1'), { at: NOW - DAY })
    await lab.collect({ dryRun: true })
    await lab.collect()
    expect(lab.told.warned).toHaveLength(2)
    lab.now += DAY
    await lab.collect()
    expect(lab.told.warned).toHaveLength(2)
    expect(await inBin()).toEqual(['team-a/app:v1'])
  })
})

/** How many warnings there were when each garbage collection was started. */
function startOf(): () => readonly number[] {
  const { executions } = lab.standIn.registry
  const seen: number[] = []
  const set = executions.set.bind(executions)
  executions.set = (id, execution) => {
    seen.push(lab.told.warned.length)
    return set(id, execution)
  }
  return () => seen
}

describe('a dry run', () => {
  test('counts what a real one frees, and nothing leaves', async () => {
    const [young, old] = [lab.image('team-a/app', 'young'), lab.image('team-a/app', 'old')]
    await lab.deleted(young, { at: NOW - DAY })
    await lab.deleted(old, { at: NOW - 9 * DAY })
    const dry = await lab.collect({ dryRun: true, keep: 7 * DAY })
    expect([named(dry.leaving), dry.dropped, lab.blobsLeft(old)]).toEqual([['team-a/app:old'], false, 3])
    expect(await inBin()).toHaveLength(2)
    const real = await lab.collect({ keep: 7 * DAY })
    expect(dry.freed).toEqual(real.freed)
    expect(real.freed).toMatchObject({ blobs: 2, manifests: 2 })
  })
})

describe('what Harbor is told', () => {
  test.each([false, true])('delete_untagged %s', async (deleteUntagged) => {
    lab.builder.image('team-a/app', { layers: ['loose'], pushed: NOW - 100 * DAY })
    const { failure, freed } = await lab.collect({ deleteUntagged })
    expect([failure, freed?.manifests]).toEqual([undefined, deleteUntagged ? 1 : 0])
    const warning = expect.stringMatching(/deletes every artifact without a tag .* gc\.delete-untagged$/)
    expect(lab.told.warned).toEqual(deleteUntagged ? [warning] : [])
  })

  test('a schedule of Harbor’s own is pointed out where something is kept', async () => {
    const cron = '0 0 3 * * *'
    lab.standIn.registry.gcSchedule = { type: 'Daily', cron, parameters: {}, created: NOW }
    await lab.collect()
    expect(lab.told.warned).toEqual([])
    await lab.collect({ keep: DAY })
    expect(lab.told.warned).toEqual([expect.stringMatching(/schedule of its own.*0 0 3 \* \* \*$/)])
  })
})

describe('what isn’t started', () => {
  const started = (): number => lab.requests('POST', '/system/gc')

  test('while another one runs', async () => {
    await slowly(HOUR)
    startGc(lab.standIn.registry, MANUAL)
    expect((await lab.collect()).failure).toEqual({
      reason: 'gc-running',
      message:
        'garbage collection was not started: number 3 is in Harbor since 2026-11-21 12:00 UTC (Running), and another one would wait behind it; run gc again when that has ended, or stop it in Harbor (Administration, Clean Up) if it hangs',
    })
    expect(started()).toBe(0)
  })

  test('when another one was started while blobs were asked for', async () => {
    await slowly(HOUR)
    await lab.deleted(lab.image('team-a/app', 'v1'), { at: NOW - DAY })
    let asked = false
    const now = (): number => {
      if (lab.requests('HEAD', '/blobs/') > 0 && !asked) {
        asked = true
        startGc(lab.standIn.registry, MANUAL)
      }
      return lab.now
    }
    const { failure } = await lab.collect({ keep: 7 * DAY, concurrency: 1 }, { time: { now } })
    expect([failure?.reason, started()]).toEqual(['gc-running', 0])
  })

  test('when a blob can’t be asked for: it could be lost', async () => {
    const image = lab.image('team-a/app', 'v1')
    await lab.deleted(image, { at: NOW - DAY })
    const fault = { kind: 'error', status: 500 } as const
    lab.standIn.faults.inject({ method: 'HEAD', path: '/blobs/', after: 1, times: 1000, fault })
    const { failure } = await lab.collect({ keep: 7 * DAY })
    expect(failure).toMatchObject({
      reason: 'gc-failed',
      message: expect.stringMatching(
        /^garbage collection was not started, since what trash\.keep keeps could be lost in it: HEAD .* answered 500.*; run gc again when that is solved$/,
      ),
    })
    expect([started(), lab.blobsLeft(image), await inBin()]).toEqual([0, 3, ['team-a/app:v1']])
  })

  test('a fault that passes doesn’t matter', async () => {
    await lab.deleted(lab.image('team-a/app', 'v1'), { at: NOW - DAY })
    const fault = { kind: 'error', status: 500 } as const
    const injected = lab.standIn.faults.inject({ method: 'HEAD', path: '/blobs/', times: 2, fault })
    expect((await lab.collect({ keep: 7 * DAY })).failure).toBeUndefined()
    expect(injected.hits).toBe(2)
  })

  test('by an account that may not see blobs', async () => {
    await lab.deleted(lab.image('team-a/app', 'v1'), { at: NOW - DAY })
    const credentials = robot('repository:list', SYSTEM_GC)
    const { failure } = await lab.collect({ keep: 7 * DAY }, { credentials })
    expect(failure?.reason).toBe('gc-failed')
    expect(failure?.message).toContain('the account may not pull here; give it repository:pull')
    expect(started()).toBe(0)
  })

  test('by an account without the right', async () => {
    const credentials = robot('repository:pull')
    expect((await lab.collect({}, { credentials })).failure).toMatchObject({
      reason: 'unauthorized',
      message: expect.stringMatching(
        /Create, Read and List Garbage Collection, or take the account of a system administrator: GET .* answered 403/,
      ),
    })
  })

  test('by an account that may only look', async () => {
    const credentials = robot('repository:pull', 'garbage-collection:read garbage-collection:list')
    expect((await lab.collect({}, { credentials })).failure?.reason).toBe('unauthorized')
    expect(lab.standIn.registry.executions.size).toBe(0)
  })

  test('by a robot that may it is', async () => {
    await lab.deleted(lab.image('team-a/app', 'v1'), { at: NOW - DAY })
    const credentials = robot('repository:pull', SYSTEM_GC)
    expect(await lab.collect({ keep: DAY * 2 }, { credentials })).toMatchObject({
      failure: undefined,
      restorable: [{}],
    })
  })

  test.each(['before', 'meanwhile'])('in read-only mode, set %s', async (when) => {
    const { configuration } = lab.standIn.registry
    const now = (): number => {
      if (lab.requests('GET', '/system/gc') > 0) configuration.set('read_only', true)
      return lab.now
    }
    if (when === 'before') configuration.set('read_only', true)
    const { failure } = await lab.collect({}, { time: { now } })
    expect([failure?.reason, failure?.message.slice(0, 66)]).toEqual([
      'harbor-read-only',
      'garbage collection was not started: Harbor is in read-only mode (C',
    ])
    expect(started()).toBe(when === 'before' ? 0 : 1)
    expect(lab.standIn.registry.executions.size).toBe(0)
  })

  test('when Harbor is set to spare nothing', async () => {
    await lab.deleted(lab.image('team-a/app', 'v1'), { at: NOW - DAY })
    startGc(lab.standIn.registry, MANUAL).parameters['time_window'] = 0
    await new Client(lab.standIn).get('/api/v2.0/systeminfo')
    expect((await lab.collect({ keep: 7 * DAY })).failure?.message).toContain('GC_TIME_WINDOW_HOURS')
  })
})

const SYSTEM_GC = 'garbage-collection:create garbage-collection:read garbage-collection:list'

describe('what was started', () => {
  test('is waited for, with progress', async () => {
    await slowly(22_000)
    await lab.deleted(lab.image('team-a/app', 'v1'), { at: NOW - DAY })
    expect(await lab.collect()).toMatchObject({
      failure: undefined,
      run: 3,
      freed: { blobs: 3, manifests: 1 },
    })
    expect(lab.told.progressed.slice(0, 3)).toEqual([
      'garbage collection 3: Running, for 0 s',
      'garbage collection 3: Running, for 1 s',
      'garbage collection 3: Running, for 3 s',
    ])
    expect(lab.now - NOW).toBeLessThan(22_000 + 5000)
  })

  test('and never ends: not for ever', async () => {
    await slowly(1000 * DAY)
    await lab.deleted(lab.image('team-a/app', 'v1'), { at: NOW - 2 * DAY })
    const { failure, dropped } = await lab.collect({ wait: HOUR / 10, keep: DAY })
    expect(failure).toEqual({
      reason: 'gc-timeout',
      message:
        'garbage collection 3 had not ended after 6m (Running), which is gc.wait in the policy; it goes on in Harbor, where Administration, Clean Up shows what becomes of it',
    })
    expect([lab.now - NOW, dropped, await inBin()]).toEqual([HOUR / 10, false, ['team-a/app:v1']])
  })

  test('and ends in an error', async () => {
    lab.standIn.registry.failing.add('GARBAGE_COLLECTION')
    await lab.deleted(lab.image('team-a/app', 'v1'), { at: NOW - 2 * DAY })
    const { failure, freed } = await lab.collect({ keep: DAY })
    expect([failure?.reason, freed]).toEqual(['gc-failed', undefined])
    expect(failure?.message).toMatch(/^garbage collection 3 ended in Harbor as Error: its log/)
    expect(await inBin()).toEqual(['team-a/app:v1'])
  })

  test('keeps what waits with it from growing old', async () => {
    await slowly(5 * HOUR)
    await lab.deleted(lab.image('team-a/app', 'v1'), { at: NOW - DAY })
    const pause = (): Promise<void> => {
      lab.now += HOUR / 12
      return Promise.resolve()
    }
    await lab.collect({ wait: 6 * HOUR, keep: 7 * DAY }, { time: { pause } })
    // Each of its three blobs every half hour.
    expect(lab.requests('HEAD', '/blobs/')).toBe(3 * 10)
  })

  test('survives a Harbor that doesn’t answer for a while', async () => {
    await slowly(60_000)
    const fault = { kind: 'html', status: 503 } as const
    const injected = lab.standIn.faults.inject({ path: '/system/gc/3', times: 7, fault })
    expect((await lab.collect()).failure).toBeUndefined()
    expect(injected.hits).toBe(7)
  })

  test.each([
    ['the answer is lost', { kind: 'cut', acted: true }],
    ['the answer is an error', { kind: 'error', status: 500, acted: true }],
  ] as const)('is found when %s', async (_, fault) => {
    lab.standIn.faults.inject({ method: 'POST', path: '/system/gc', fault })
    expect(await lab.collect()).toMatchObject({ failure: undefined, run: 3 })
    expect(lab.standIn.registry.executions.size).toBe(1)
  })

  test('isn’t mistaken for another one when it was not started', async () => {
    await lab.collect({ dryRun: true })
    lab.standIn.faults.inject({ method: 'POST', path: '/system/gc', fault: { kind: 'cut', acted: false } })
    const { failure, run } = await lab.collect()
    expect([failure?.reason, run]).toEqual(['gc-failed', undefined])
    expect(failure?.message).toContain('shows no sign of it')
  })
})

describe('blobs that took long to ask for', () => {
  /** Time passes with every look at the clock that follows a request. */
  async function asking(tags: readonly string[], each: number): Promise<Awaited<ReturnType<Lab['collect']>>> {
    for (const tag of tags) await lab.deleted(lab.image('team-a/app', tag), { at: NOW - DAY })
    let heads = 0
    const now = (): number => {
      const seen = lab.requests('HEAD', '/blobs/')
      lab.now += (seen - heads) * each
      heads = seen
      return lab.now
    }
    return lab.collect({ keep: 7 * DAY, concurrency: 1 }, { time: { now } })
  }
  // Eleven blobs: a layer and a configuration each, and a layer that all share.
  const FIVE = ['a', 'b', 'c', 'd', 'e']

  test('less than an hour: once each', async () => {
    expect((await asking(FIVE, 5 * 60_000)).failure).toBeUndefined()
    expect(lab.requests('HEAD', '/blobs/')).toBe(11)
  })

  test('more: those from more than half an hour ago once more', async () => {
    expect((await asking(FIVE, 7 * 60_000)).failure).toBeUndefined()
    const again = lab.requests('HEAD', '/blobs/') - 11
    expect([again > 4, again < 9]).toEqual([true, true])
  })

  test('too long to hold: it isn’t started', async () => {
    const { failure } = await asking(FIVE, 40 * 60_000)
    expect(failure?.message).toContain('takes longer than Harbor spares them')
    expect(lab.requests('POST', '/system/gc')).toBe(0)
  })
})

describe('dropping', () => {
  test('a run that was killed in it has lost nothing', async () => {
    await lab.deleted(lab.image('team-a/app', 'young'), { at: NOW - DAY, journal: 'one' })
    await lab.deleted(lab.image('team-a/app', 'old'), { at: NOW - 9 * DAY, journal: 'two' })
    const before = await inBin()
    const [name = ''] = await readdir(lab.bin)
    const whole = await readFile(path.join(lab.bin, name), 'utf8')
    const unfinished = path.join(lab.bin, name.replace('.ndjson', '.ndjson.unfinished'))
    await writeFile(unfinished, whole.slice(0, 300))
    expect(await inBin()).toEqual(before)
    const { restorable } = await lab.collect({ keep: 7 * DAY })
    expect([named(restorable), await inBin()]).toEqual([['team-a/app:young'], ['team-a/app:young']])
    expect((await readdir(lab.bin)).filter((each) => !each.endsWith('.ndjson'))).toEqual([])
  })

  test('that fails isn’t the garbage collection’s failure', async () => {
    await lab.deleted(lab.image('team-a/app', 'old'), { at: NOW - 9 * DAY })
    const [name = ''] = await readdir(lab.bin)
    await mkdir(path.join(lab.bin, name.replace('.ndjson', '.ndjson.unfinished'), 'x'), { recursive: true })
    const { failure, dropped, freed } = await lab.collect({ keep: 7 * DAY })
    expect([failure, dropped, freed?.manifests]).toEqual([undefined, false, 1])
    expect(lab.told.warned.at(-1)).toContain('will be by the next gc')
    expect(await inBin()).toEqual(['team-a/app:old'])
  })

  test('a bin that can’t be read stops it before the start', async () => {
    await mkdir(path.join(lab.bin, 'x.ndjson'), { recursive: true })
    expect((await lab.collect({ keep: DAY })).failure?.reason).toBe('journal')
    expect(lab.standIn.registry.executions.size).toBe(0)
  })

  test('no bin at all is an empty one', async () => {
    expect(await lab.collect({ keep: DAY })).toMatchObject({
      failure: undefined,
      restorable: [],
      warnings: [],
    })
  })
})
