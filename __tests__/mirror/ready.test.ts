// What a copy takes on this machine: told before anything is changed, where that can be known by then.
import { chmodSync, mkdirSync } from 'node:fs'
import process from 'node:process'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { Folder } from '../helpers/program.ts'
import { LONG_AGO } from '../helpers/registry.ts'
import { Commands, mirrorAt } from '../helpers/run.ts'

const { PATH, RUNNER_TEMP } = process.env
const MIB = 2 ** 20

let source: StandIn
let target: StandIn
let folder: Folder
let commands: Commands
beforeEach(async () => {
  source = await startStandIn()
  target = await startStandIn()
  target.registry.addProject({ name: 'backup' })
  folder = new Folder()
  commands = new Commands(folder, source.url, mirrorAt(target.url))
  folder.write(
    'policy.yml',
    `version: 1
rules: [{ name: all, select: { tags: ["v*"] }, archive: always }]
limits: { max-delete-percent: 100, keep-per-repository: 0 }
`,
  )
})
afterEach(async () => {
  set('PATH', PATH)
  set('RUNNER_TEMP', RUNNER_TEMP)
  await source.close()
  await target.close()
  folder.remove()
})

function set(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}

function image(tag: string, size: number): void {
  new Builder(source.registry).image('library/app', {
    tags: [tag],
    layers: [{ name: tag, size }],
    pushed: LONG_AGO,
  })
}

/** A program that passes for skopeo, and is the only one. */
function fake(script: string): void {
  mkdirSync(commands.at('bin'))
  folder.write('bin/skopeo', `#!/bin/sh\n${script}\n`)
  chmodSync(commands.at('bin/skopeo'), 0o755)
  set('PATH', commands.at('bin'))
}

function pushes({ requests }: StandIn): readonly string[] {
  return requests.filter(({ method }) => !['GET', 'HEAD'].includes(method)).map(({ path }) => path)
}

test.each([
  ['no skopeo', () => set('PATH', '/nowhere'), /images are copied by skopeo, and there is none in PATH/],
  [
    'no room for its files',
    () => set('RUNNER_TEMP', '/nowhere'),
    /skopeo's files can't be written to \/nowhere/,
  ],
] as const)('%s: nothing is changed', async (_what, without, words) => {
  image('v1', 1000)
  const { host: planned } = await commands.run('plan')
  without()
  const { host, ...outcome } = await commands.run('apply', { 'plan-id': planned.outputs['plan-id'] ?? '' })
  expect(outcome).toEqual({ status: 1, reason: 'skopeo' })
  expect(host.complained.join('\n')).toMatch(words)
  expect(host.complained.join('\n')).toMatch(/^nothing was changed/)
  expect([...pushes(source), ...pushes(target)]).toEqual([])
})

test('a skopeo is not run where there is nothing for it to do', async () => {
  fake('echo ran >> ran; exit 1')
  image('v1', 1000)
  const { host, ...outcome } = await commands.planAndApply()
  expect([outcome, host.outputs['applied']]).toEqual([{ status: 0, reason: '' }, '2'])
  expect([...folder.files().keys()].filter((name) => name.endsWith('ran'))).toEqual([])
})

test('one that is too old copies nothing, which is told of each image; the others go', async () => {
  fake('echo "skopeo version 1.4.1"')
  image('v1', 1000)
  image('v2', 3 * MIB)
  image('v3', 3 * MIB)
  const { host, ...outcome } = await commands.planAndApply()
  expect(outcome).toEqual({ status: 1, reason: 'partly-failed' })
  expect(host.outputs).toMatchObject({ applied: '2', failed: '2', skipped: '2' })
  expect(host.text).toMatch(/is skopeo 1\.4\.1, which can't copy images without changing their digests/)
  expect([...source.registry.repository('library/app').tags.keys()].toSorted()).toEqual(['v2', 'v3'])
})
