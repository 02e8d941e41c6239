// A plan carried out takes what it names, all of it, and nothing else: on registries and policies made at random.
import { expect, test } from '@jest/globals'
import type { Artifact } from '../../stand-in/state/model.ts'
import type { Registry } from '../../stand-in/state/registry.ts'
import { startStandIn } from '../../stand-in/stand-in.ts'
import { carryOut, takenBy } from '../helpers/carry-out.ts'
import { planOf } from '../helpers/plan.ts'
import { fillAtRandom, policyAtRandom } from '../helpers/random.ts'

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

const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1)

test.each(SEEDS)('registry and policy %d', async (seed) => {
  const standIn = await startStandIn()
  try {
    fillAtRandom(standIn.registry, seed)
    const policy = policyAtRandom(seed * 7919)
    const { plan } = await planOf(standIn.url, policy)
    expect(plan.problems).toEqual([])
    const before = namesIn(standIn.registry)
    const { refused } = await carryOut(standIn.url, plan)
    const after = namesIn(standIn.registry)
    const gone = [...before].filter((name) => !after.has(name))
    expect({ policy, refused, gone: gone.toSorted() }).toEqual({
      policy,
      refused: [],
      gone: [...takenBy(plan)].toSorted(),
    })
  } finally {
    await standIn.close()
  }
})
