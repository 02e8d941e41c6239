// `npm run fill-harbor`: pushes a little of everything to an empty Harbor, for the contract tests to look at. Which one
// say HARBOR_URL, HARBOR_USERNAME and HARBOR_PASSWORD; the account has to be an administrator's.
import process from 'node:process'
import { Pusher } from '../__tests__/contract/pusher.ts'

const PROJECTS = ['dredge-a', 'dredge-b'] as const
const { HARBOR_URL: url = '', HARBOR_USERNAME: username = '', HARBOR_PASSWORD: password = '' } = process.env
if (url === '' || username === '' || password === '') {
  console.error('Set HARBOR_URL, HARBOR_USERNAME and HARBOR_PASSWORD.')
  process.exit(2)
}
const pusher = new Pusher({ url, username, password })
const there = await pusher.ask('GET', '/api/v2.0/repositories?page_size=1')
if ((await there.text()).trim() !== '[]') {
  console.error(`${url} has repositories already; this is for an empty Harbor.`)
  process.exit(2)
}

for (const name of PROJECTS) {
  await post('/api/v2.0/projects', { project_name: name, metadata: { public: 'false' } })
  await rule(name, 'v*')
  await repository(`${name}/app`)
  await repository(`${name}/deep/er/app`)
}
const labelled = await post('/api/v2.0/labels', { name: 'keep', color: '#00aa00', scope: 'g' })
const label = Number(labelled.headers.get('location')?.split('/').at(-1))
await post(`/api/v2.0/projects/${PROJECTS[0]}/repositories/app/artifacts/v1.1.0/labels`, { id: label })
console.log(`${url} is filled`)

/** Versions, builds, an index, tags on one image, signatures, a referrer of a referrer, an orphan, leftovers. */
async function repository(name: string): Promise<void> {
  for (const version of ['v1.0.0', 'v1.0.1', 'v1.1.0', 'v2.0.0-rc.1', 'v2.0.0']) {
    const image = await pusher.image(name, version, `${name} ${version}`)
    await pusher.signature(name, image)
    const sbom = await pusher.referrer(name, image, 'application/spdx+json')
    if (version === 'v2.0.0') await pusher.referrer(name, sbom, 'application/vnd.example.note')
  }
  for (let build = 1; build <= 6; build += 1) {
    await pusher.image(name, `pr-${build}`, `${name} build ${build}`)
    await pusher.image(name, 'main', `${name} main ${build}`)
  }
  await pusher.index(name, 'multi', `${name} multi`)
  for (const tag of ['nightly-1', 'nightly-2']) await pusher.image(name, tag, `${name} nightly`)
  const gone = { mediaType: '', digest: `sha256:${'ab'.repeat(32)}`, size: 0 }
  await pusher.signature(name, gone)
}

async function rule(project: string, tags: string): Promise<void> {
  await post(`/api/v2.0/projects/${project}/immutabletagrules`, {
    action: 'immutable',
    template: 'immutable_template',
    scope_selectors: { repository: [{ kind: 'doublestar', decoration: 'repoMatches', pattern: '**' }] },
    tag_selectors: [{ kind: 'doublestar', decoration: 'matches', pattern: tags }],
  })
}

async function post(target: string, body: unknown): Promise<Response> {
  return pusher.ask('POST', target, { body: JSON.stringify(body) })
}
