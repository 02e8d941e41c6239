// Immutable rules, as a real Harbor 2.15.1 took them: each rule was made over the API, and the tags that lists then
// said were immutable were noted.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { loadLab } from '../../stand-in/load/lab.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import { type StandIn, startStandIn } from '../../stand-in/stand-in.ts'
import { Client } from './client.ts'
import { LAB } from './recording.ts'

const RULES = '/api/v2.0/projects/team-b/immutabletagrules'
const ARTIFACTS = '/artifacts?with_immutable_status=true&page_size=100'
const NIGHTLY = ['nightly-1', 'nightly-2', 'nightly-3', 'nightly-same-as-release-1']
const RELEASE = ['release-1', 'release-2']
const BASE = [...NIGHTLY, ...RELEASE]
const CHARTS = ['1.0.0', '1.1.0', '1.2.0_build.5']

let standIn: StandIn
let client: Client

beforeAll(async () => {
  standIn = await startStandIn()
  client = new Client(standIn)
  loadLab(standIn.registry, LAB)
})
beforeEach(() => {
  standIn.registry.project('team-b').immutableRules.length = 0
})
afterAll(() => standIn.close())

const selector = (decoration: string, pattern: string, kind = 'doublestar'): Record<string, string> => ({
  kind,
  decoration,
  pattern,
})

function rule(repository: unknown[] | undefined, tags: unknown[], more: object = {}): object {
  return {
    action: 'immutable',
    template: 'immutable_template',
    ...(repository && { scope_selectors: { repository } }),
    tag_selectors: tags,
    ...more,
  }
}

async function immutableTags(repository: string): Promise<string[]> {
  const { text } = await client.get(
    `/api/v2.0/projects/team-b/repositories/${encodeURIComponent(repository)}${ARTIFACTS}`,
  )
  interface Shown {
    readonly tags: readonly { readonly name: string; readonly immutable: boolean }[] | null
  }
  return parseJson<Shown[]>(text)
    .flatMap(({ tags }) => tags ?? [])
    .filter(({ immutable }) => immutable)
    .map(({ name }) => name)
    .toSorted()
}

const all = [selector('repoMatches', '**')]
const every = [selector('matches', '**')]

test.each<[what: string, rules: object[], base: string[], charts: string[]]>([
  ['everything', [rule(all, every)], BASE, CHARTS],
  ['the project is no part of the name', [rule([selector('repoMatches', 'team-b/**')], every)], [], []],
  ['one level', [rule([selector('repoMatches', '*')], every)], BASE, []],
  ['a folder', [rule([selector('repoMatches', 'charts/**')], every)], [], CHARTS],
  ['repositories left out', [rule([selector('repoExcludes', 'base')], every)], [], CHARTS],
  ['tags left out', [rule(all, [selector('excludes', 'release-*')])], NIGHTLY, CHARTS],
  [
    'only the first tag pattern counts',
    [rule(all, [selector('matches', 'nightly-*'), selector('matches', 'release-*')])],
    NIGHTLY,
    [],
  ],
  [
    'only the first repository pattern counts',
    [rule([selector('repoMatches', 'base'), selector('repoMatches', 'charts/**')], every)],
    BASE,
    [],
  ],
  ['no repository patterns', [rule([], every)], [], []],
  ['no scope', [rule(undefined, every)], [], []],
  ['no tag patterns', [rule(all, [])], [], []],
  ['an empty tag pattern', [rule(all, [selector('matches', '')])], BASE, CHARTS],
  ['another case', [rule(all, [selector('matches', 'RELEASE-*')])], [], []],
  ['made disabled', [rule(all, every, { disabled: true })], BASE, CHARTS],
  ['another action', [rule(all, every, { action: 'xyz' })], BASE, CHARTS],
  ['another kind', [rule(all, [selector('matches', '.*', 'regexp')])], [], []],
  ['an unknown decoration', [rule(all, [selector('foo', '**')])], [], []],
  ['namespaces', [rule([selector('nsExcludes', 'x')], every)], [], []],
  ['tags where repositories should be', [rule([selector('excludes', 'nightly-*')], every)], RELEASE, CHARTS],
  ['repositories where tags should be', [rule(all, [selector('repoMatches', 'base')])], BASE, []],
  ['a bad pattern hides later rules', [rule(all, [selector('matches', '[a')]), rule(all, every)], [], []],
  [
    'an earlier rule counts all the same',
    [rule(all, [selector('matches', 'release-*')]), rule(all, [selector('matches', '[a')])],
    RELEASE,
    [],
  ],
])('%s', async (_what, rules, base, charts) => {
  for (const body of rules) expect((await client.ask('POST', RULES, { body })).status).toBe(201)
  expect([await immutableTags('base'), await immutableTags('charts/app')]).toEqual([base, charts])
})

test('the same rule twice is refused', async () => {
  await client.ask('POST', RULES, { body: rule(all, every) })
  const again = await client.ask('POST', RULES, { body: rule(all, every) })
  expect([again.status, again.json]).toEqual([
    409,
    { errors: [{ code: 'CONFLICT', message: 'immutable rule already exists' }] },
  ])
})
