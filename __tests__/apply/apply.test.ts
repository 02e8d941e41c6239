// An apply takes what its plan names, all of it, and nothing else: on registries and policies made at random.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import type { Registry } from '../../stand-in/state/registry.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import type { Plan } from '../../src/plan/types.ts'
import { takenBy } from '../helpers/carry-out.ts'
import { Folder } from '../helpers/program.ts'
import { LONG_AGO } from '../helpers/registry.ts'
import { fillAtRandom, policyAtRandom } from '../helpers/random.ts'
import { Commands } from '../helpers/run.ts'

let standIn: StandIn
let folder: Folder
let commands: Commands
beforeEach(async () => {
  standIn = await startStandIn()
  folder = new Folder()
  commands = new Commands(folder, standIn.url)
})
afterEach(async () => {
  await standIn.close()
  folder.remove()
})

function namesIn(registry: Registry): ReadonlySet<string> {
  return new Set(
    [...registry.repositories()].flatMap(({ name, artifacts }) =>
      [...artifacts.values()].flatMap((artifact) => [
        `${name}@${artifact.digest}`,
        ...namesOn(artifact).map((tag) => `${name}:${tag}`),
      ]),
    ),
  )
}

/** cosign's tag on a signature that hangs on its subject is no name of its own. */
function namesOn({ tags, accessoryOf }: Artifact): readonly string[] {
  const names = tags.map(({ name }) => name)
  const attached = (accessoryOf?.subject ?? null) !== null
  return attached ? names.filter((name) => !/^sha256-.*\.sig$/.test(name)) : names
}

const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1)

describe('what an apply takes', () => {
  test.each(SEEDS)('of registry and policy %d', async (seed) => {
    fillAtRandom(standIn.registry, seed)
    folder.write('policy.yml', policyAtRandom(seed * 7919))
    const before = namesIn(standIn.registry)
    const { status, reason, host } = await commands.planAndApply()
    const plan = parseJson<Plan>(folder.read('plan.json'))
    const copying = new Set(
      plan.actions.filter((action) => action.kind === 'copy' || action.after !== undefined),
    )
    const without = { ...plan, actions: plan.actions.filter((action) => !copying.has(action)) }
    if (plan.actions.length === 0) {
      expect([status, reason]).toEqual([1, 'plan-not-applyable'])
      return
    }
    const gone = [...before].filter((name) => !namesIn(standIn.registry).has(name))
    expect(gone.toSorted()).toEqual([...takenBy(without)].toSorted())
    expect([status, reason, host.complained, host.outputs['failed']]).toEqual([0, '', [], '0'])
    expect(host.outputs['applied']).toBe(String(without.actions.length))
  })
})

test('what went is named by all its tags', async () => {
  const builder = new Builder(standIn.registry)
  builder.image('library/app', { tags: ['v1', 'v1.0'], layers: ['one'], pushed: LONG_AGO })
  folder.write(
    'policy.yml',
    `version: 1
rules: [{ name: old, select: { tags: ["v*"] }, delete: always }]
limits: { max-delete-percent: 100, keep-per-repository: 0 }
`,
  )
  const { host } = await commands.planAndApply()
  expect(host.text).toMatch(/library\/app:v1 :v1\.0 +delete artifact +old/)
})
