// `command: gc` from beginning to end: policy, report, result file, outcome.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { binFolder, readBin } from '../../src/bin/bin.ts'
import { renderMarkdown } from '../../src/report/markdown.ts'
import { Builder } from '../../stand-in/load/build.ts'
import { startStandIn } from '../../stand-in/stand-in.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import { Commands } from '../helpers/run.ts'
import { blobsOf, DAY, HOUR, Lab, NOW } from './lab.ts'

let lab: Lab
beforeEach(async () => {
  lab = await Lab.start()
})
afterEach(() => lab.close())

const RULES = 'rules: [{ name: none, select: { tags: [none] }, delete: always }]\n'

function policy(more: string): void {
  lab.folder.write('policy.yml', `version: 1\n${RULES}${more}\n`)
}

function result(): Record<string, unknown> {
  return parseJson<Record<string, unknown>>(lab.folder.read('work/gc.json'))
}

test('frees, reports and writes down what it came to', async () => {
  policy('trash: { keep: 7d }')
  await lab.deleted(lab.image('team-a/app', 'young'), { at: NOW - DAY })
  await lab.deleted(lab.image('team-a/app', 'older'), { at: NOW - 2 * DAY })
  await lab.deleted(lab.image('team-a/app', 'old', 700_000), { at: NOW - 9 * DAY })
  const { status, reason, host } = await lab.commands.run('gc', {}, NOW)
  expect([status, reason, host.complained, host.outputs]).toEqual([0, '', [], { 'failure-reason': '' }])
  expect(host.text).toContain(
    `Garbage collection of ${new URL(lab.standIn.url).host}\n\nGarbage collection freed 686 KiB: 2 blobs and 3 manifests.`,
  )
  expect(host.text).toContain(
    '2 deleted images stay restorable, the first until 2026-11-26 12:00 UTC, the last until 2026-11-27 12:00 UTC, as long as garbage is collected by harbor-dredge only.',
  )
  expect(host.text).toMatch(
    /Stays restorable: 2\nWhat +Deleted +Until\nteam-a\/app:young +2026-11-20 12:00 UTC +2026-11-27/,
  )
  expect(host.text).toMatch(/Left the recycle bin: 1\nWhat +Deleted\nteam-a\/app:old +2026-11-12 12:00 UTC/)
  expect(result()).toMatchObject({
    format: 'harbor-dredge/gc/1',
    harbor: lab.standIn.url,
    run: 3,
    dryRun: false,
    purgedBlobs: 2,
    purgedManifests: 3,
    expectedBytes: null,
    failure: null,
    restorable: [
      { repository: 'team-a/app', tags: ['young'], until: '2026-11-27T12:00:00.000Z' },
      { tags: ['older'] },
    ],
    leaving: [{ tags: ['old'], deleted: '2026-11-12T12:00:00.000Z' }],
    dropped: true,
  })
})

test('keeps what a real apply deleted, and lets it go when its time is over', async () => {
  const standIn = await startStandIn()
  try {
    standIn.registry.addProject({ name: 'team-a' })
    const images = ['a', 'b', 'c'].map((tag) =>
      new Builder(standIn.registry).image('team-a/app', {
        tags: [tag],
        layers: [tag],
        pushed: NOW - 90 * DAY,
      }),
    )
    const commands = new Commands(lab.folder, standIn.url)
    lab.folder.write(
      'policy.yml',
      'version: 1\nrules: [{ name: all, select: { tags: [a, b] }, delete: always }]\nlimits: { max-delete-percent: 100 }\ntrash: { keep: 7d }\n',
    )
    expect(await commands.planAndApply()).toMatchObject({ status: 0 })
    // As if days had passed: nobody looked at the blobs lately.
    for (const blob of standIn.registry.blobs.values()) blob.updated = NOW - 90 * DAY
    expect(await commands.run('gc')).toMatchObject({ status: 0 })
    const left = (): readonly boolean[] =>
      images.map((image) => blobsOf(image).every((digest) => standIn.registry.blobs.has(digest)))
    expect([result()['restorable'], left()]).toEqual([
      [expect.anything(), expect.anything()],
      [true, true, true],
    ])
    for (const blob of standIn.registry.blobs.values()) blob.updated = NOW - 90 * DAY
    expect(await commands.run('gc', {}, Date.now() + 8 * DAY)).toMatchObject({ status: 0 })
    expect([result()['dropped'], left()]).toEqual([true, [false, false, true]])
    expect((await readBin(binFolder(commands.at('work')))).items).toEqual([])
  } finally {
    await standIn.close()
  }
})

test('a dry run says that it is one', async () => {
  policy('trash: { keep: 7d }')
  await lab.deleted(lab.image('team-a/app', 'old'), { at: NOW - 9 * DAY })
  const { status, host } = await lab.commands.run('gc', { 'dry-run': 'true' }, NOW)
  expect([status, result()['dryRun'], result()['dropped']]).toEqual([0, true, false])
  expect(host.text).toContain('Garbage collection would free 6.')
  expect(host.text).toContain('Would leave the recycle bin: 1')
  expect(lab.standIn.registry.blobs.size).toBeGreaterThan(0)
})

test('the policy says whether untagged artifacts go', async () => {
  policy('gc: { delete-untagged: true }')
  lab.builder.image('team-a/app', { layers: ['x'], pushed: NOW - 9 * DAY })
  const { host } = await lab.commands.run('gc', {}, NOW)
  expect(lab.standIn.registry.artifactCount).toBe(0)
  expect(host.content?.notices).toMatchObject([{ names: ['gc.delete-untagged'] }])
})

test('without a policy file and with nothing in the bin it goes on by the defaults, and says so', async () => {
  const { status, host } = await lab.commands.run('gc', {}, NOW)
  expect(status).toBe(0)
  expect(host.warned[0]).toMatch(
    /policy\.yml: there is no such file; see the input `policy`; garbage is collected without a policy, which keeps nothing/,
  )
})

// Its path may be misspelt, and what it keeps would be lost.
test('without a policy file and with something in the bin it does nothing', async () => {
  await lab.deleted(lab.image('team-a/app', 'v1'), { at: NOW - DAY })
  const { status, reason } = await lab.commands.run('gc', {}, NOW)
  expect([status, reason, lab.standIn.requests.length]).toEqual([2, 'bad-input', 0])
})

test('a policy with a mistake in it stops it before the first request', async () => {
  policy('trash: { keep: forever }')
  const { status, reason } = await lab.commands.run('gc', {}, NOW)
  expect([status, reason, lab.standIn.requests.length]).toEqual([2, 'policy-invalid', 0])
})

describe('what fails', () => {
  test('in time: exit status 1, the reason, and a report all the same', async () => {
    lab.standIn.registry.failing.add('GARBAGE_COLLECTION')
    policy('trash: { keep: 7d }')
    await lab.deleted(lab.image('team-a/app', 'young'), { at: NOW - DAY })
    const { status, reason, host } = await lab.commands.run('gc', {}, NOW)
    expect([status, reason, host.outputs['failure-reason']]).toEqual([1, 'gc-failed', 'gc-failed'])
    expect(host.complained).toEqual([expect.stringContaining('ended in Harbor as Error')])
    expect(host.text).toContain('Garbage collection failed.')
    expect(host.text).toContain('Stays restorable: 1')
    expect(result()['failure']).toMatchObject({ reason: 'gc-failed' })
  })

  test('by taking longer than it is waited for', async () => {
    await lab.close()
    lab = await Lab.start({ pullFlush: 0, jobRun: 0, jobMark: HOUR })
    policy('gc: { wait: 0m }')
    const { status, reason, host } = await lab.commands.run('gc', {}, NOW)
    expect([status, reason]).toEqual([1, 'gc-timeout'])
    expect(host.text).toContain('Garbage collection goes on in Harbor.')
    expect((await lab.commands.run('gc', {}, NOW)).reason).toBe('gc-running')
  })
})

test('names from a registry do nothing in the summary', async () => {
  policy('trash: { keep: 7d }')
  const image = lab.image('team-a/app', 'v1')
  image.tags.forEach((tag) => Object.assign(tag, { name: '`|<b>@all' }))
  await lab.deleted(image, { at: NOW - 9 * DAY })
  const { host } = await lab.commands.run('gc', {}, NOW)
  const markdown = host.content === undefined ? '' : renderMarkdown(host.content)
  expect(markdown).toContain('``team-a/app:`\\|<b>@all``')
})
