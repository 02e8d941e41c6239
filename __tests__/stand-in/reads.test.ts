// Reading over the distribution API, as a real Harbor 2.15.1 answered with the lab's registry in it.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { loadLab } from '../../stand-in/load/lab.ts'
import { type StandIn, startStandIn } from '../../stand-in/stand-in.ts'
import { Client } from './client.ts'
import { LAB } from './recording.ts'

const API = 'team-a/api'
const OCI = 'application/vnd.oci.image.manifest.v1+json'
const DOCKER = 'application/vnd.docker.distribution.manifest.v2+json'

let standIn: StandIn
let client: Client

beforeAll(async () => {
  standIn = await startStandIn()
  client = new Client(standIn)
  loadLab(standIn.registry, LAB)
})
afterAll(() => standIn.close())

test.each<[query: string, tags: string[], next: string | null]>([
  ['?n=2', ['latest', 'main'], 'last=main&n=2'],
  ['?n=2&last=v1.0.0', ['v1.0.1', 'v1.1.0'], 'last=v1.1.0&n=2'],
  ['?n=3&last=v1.0.5', ['v1.1.0', 'v1.2.0', 'v1.3.0'], 'last=v1.3.0&n=3'],
  ['?n=9&last=v1.4.2', ['v2.0.0', 'v2.0.0-rc.1', 'v2.0.0-rc.2'], null],
  ['?last=v2.0.0-rc.1', ['v2.0.0-rc.2'], null],
  ['?n=2&last=zzz', [], null],
  ['?n=0', [], null],
])('tags %s', async (query, tags, next) => {
  const { json, headers } = await client.get(`/v2/${API}/tags/list${query}`)
  expect(json).toEqual({ name: API, tags })
  expect(headers.get('link')).toBe(next === null ? null : `</v2/${API}/tags/list?${next}>; rel="next"`)
})

test.each<[query: string, repositories: string[] | number, next: string | null]>([
  ['?n=2', ['pub/a.b_c-d/e__f', API], 'last=team-a%2Fapi&n=2'],
  ['?n=2&last=team-a/api', ['team-a/web/frontend', 'team-a/worker'], 'last=team-a%2Fworker&n=2'],
  ['?n=4&last=team-a/web/frontend', ['team-a/worker', 'team-b/base', 'team-b/charts/app'], null],
  ['?n=2&last=zzz', 400, null],
])('repositories %s', async (query, repositories, next) => {
  const { json, headers, status } = await client.get(`/v2/_catalog${query}`)
  if (status === 200) expect(json).toEqual({ repositories })
  else expect(status).toBe(repositories)
  expect(headers.get('link')).toBe(next === null ? null : `</v2/_catalog?${next}>; rel="next"`)
})

test('without a limit the repositories are all listed, wherever they should start', async () => {
  const { json } = await client.get('/v2/_catalog?last=zzz')
  expect(json).toEqual({ repositories: expect.arrayContaining([API, 'pub/a.b_c-d/e__f']) })
})

test.each([
  ['', OCI, 404],
  ['*/*', OCI, 404],
  [DOCKER, OCI, 404],
  [OCI, OCI, 200],
  ['', DOCKER, 200],
])('accepting "%s" an %s is %d', async (accept, mediaType, wanted) => {
  const of = [...standIn.registry.repositories()]
    .flatMap(({ artifacts }) => [...artifacts.values()])
    .find(({ manifestMediaType }) => manifestMediaType === mediaType)
  const path = `/v2/${of?.repository.name}/manifests/${of?.digest}`
  for (const method of ['GET', 'HEAD']) {
    expect((await client.ask(method, path, { headers: { accept } })).status).toBe(wanted)
  }
})
