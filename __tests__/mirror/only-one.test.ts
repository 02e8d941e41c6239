// A mirror that has everything since it is where the images come from: what is archived there is the only one.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { ADMIN } from '../helpers/connect.ts'
import { Folder } from '../helpers/program.ts'
import { LONG_AGO } from '../helpers/registry.ts'
import { startRelay, withFields, type Meddling } from '../helpers/relay.ts'
import { Commands, type Commanded } from '../helpers/run.ts'

const REPOSITORY = 'library/app'
const ACCOUNT = { 'mirror-username': ADMIN.username, 'mirror-password': ADMIN.password }

let source: StandIn
let folder: Folder
beforeEach(async () => {
  source = await startStandIn()
  folder = new Folder()
  folder.write(
    'policy.yml',
    `version: 1
rules: [{ name: all, select: { tags: ["v*"] }, archive: always }]
limits: { max-delete-percent: 100, keep-per-repository: 0 }
`,
  )
  new Builder(source.registry).image(REPOSITORY, { tags: ['v1'], layers: ['one'], pushed: LONG_AGO })
})
afterEach(async () => {
  await source.close()
  folder.remove()
})

async function archiveBy(meddling: Meddling): Promise<Commanded> {
  const relay = await startRelay(source.url, meddling)
  try {
    const given = { ...ACCOUNT, 'mirror-registry': relay.url }
    return await new Commands(folder, source.url, given).planAndApply()
  } finally {
    await relay.close()
  }
}

test('the same Harbor by another name, with an account that may only push and pull', async () => {
  const { status, reason, host } = await archiveBy({
    before: ({ path }) =>
      path.startsWith('/api/v2.0/users') ? { status: 401, headers: {}, body: '' } : undefined,
    after: ({ path }, given) =>
      path.startsWith('/api/v2.0/systeminfo')
        ? withFields(given, ({ auth_mode }) => ({ auth_mode }))
        : undefined,
  })
  expect([status, reason]).toEqual([1, 'mirror-unreachable'])
  expect(host.complained).toEqual([
    expect.stringMatching(/^nothing was changed: whether .* itself is not known.*robot account/),
  ])
  expect(source.registry.findArtifact(REPOSITORY, 'v1')).toBeDefined()
})

test('a cache that pulls through', async () => {
  const { status, reason, host } = await archiveBy({
    before: ({ method, path }) => {
      if (path.startsWith('/api')) return { status: 404, headers: {}, body: '' }
      return ['GET', 'HEAD'].includes(method) ? undefined : { status: 405, headers: {}, body: '' }
    },
  })
  expect([status, reason, host.outputs['applied']]).toEqual([1, 'partly-failed', '0'])
  expect(host.warned).toEqual([expect.stringMatching(/takes nothing \(POST .* answered 405.*a cache/)])
  expect(source.registry.findArtifact(REPOSITORY, 'v1')).toBeDefined()
})

test('the same Harbor by another name, of which only the registry can be reached', async () => {
  const { status, reason, host } = await archiveBy({
    before: ({ path }) => (path.startsWith('/api') ? { status: 404, headers: {}, body: '' } : undefined),
  })
  expect([status, reason, host.outputs['applied']]).toEqual([1, 'partly-failed', '0'])
  expect(host.warned).toEqual([
    expect.stringMatching(/is library\/app of this Harbor itself, by another name/),
  ])
  expect(source.registry.findArtifact(REPOSITORY, 'v1')).toBeDefined()
})
