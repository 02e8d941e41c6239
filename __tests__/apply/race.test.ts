// Somebody else is at work as well: what was changed since it was decided stays, and is named with what changed.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Builder, setPulled } from '../../stand-in/load/build.ts'
import { text } from '../../stand-in/state/blobs.ts'
import { deleteArtifact, deleteRepository, deleteTag } from '../../stand-in/state/delete.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import { ensureTag, pushManifest } from '../../stand-in/state/push.ts'
import type { Registry } from '../../stand-in/state/registry.ts'
import type { Meddling } from '../helpers/relay.ts'
import { startRelay } from '../helpers/relay.ts'
import { dishonesty, namesIn } from './honesty.ts'
import { APP, EMPTIED, Scene, WEB } from './scene.ts'

let scene: Scene
beforeEach(async () => {
  scene = await Scene.start()
})
afterEach(() => scene.close())

/** What somebody else does to the registry. */
type Change = (there: There) => void

class There {
  readonly registry: Registry
  readonly builder: Builder

  constructor(registry: Registry) {
    this.registry = registry
    this.builder = new Builder(registry)
  }

  get(tag: string, repository = APP): Artifact {
    return this.registry.artifact(repository, tag)
  }

  /** A child of an index that has no tag. */
  child(tag: string): Artifact {
    const children = this.get(tag).references.map(({ child }) => child)
    const child = children.find(({ tags }) => tags.length === 0)
    if (child === undefined) throw new Error('there is no such child')
    return child
  }

  tag(artifact: Artifact, name: string): void {
    ensureTag(this.registry, artifact, name, Date.now())
  }

  /** An index that is a referrer, and something on its child. */
  indexOn(subject: Artifact): void {
    const child = this.builder.image(APP, { layers: ['of a late index'] })
    this.builder.index(APP, { images: [child], subject })
    this.builder.sign(APP, child.digest)
  }

  delete(tag: string, repository = APP): void {
    deleteArtifact(this.registry, this.get(tag, repository), 'somebody')
  }

  untag(name: string, repository = APP): void {
    deleteTag(this.registry, this.get(name, repository), name, 'somebody')
  }

  pushAgain(tag: string): void {
    const { digest, manifest, manifestMediaType: mediaType } = this.get(tag)
    const bytes = Buffer.from(text(manifest))
    deleteTag(this.registry, this.get(digest), tag, 'somebody')
    pushManifest(this.registry, {
      repository: APP,
      reference: tag,
      bytes,
      mediaType,
      at: Date.now(),
      by: null,
    })
  }
}

interface Case {
  readonly name: string
  readonly change: Change
  /** Names of what is skipped, each with what has to be said. */
  readonly skipped: Readonly<Record<string, RegExp>>
}

const OLD_1 = 'sha256-32f749b7c60c17756d809caa9addaaed1ff8d9b382aca65f59d11843525234b3'

/** What is skipped whether it happens before the apply begins or meanwhile; the words differ. */
const CHANGES: readonly (Case & { readonly meanwhile?: Case['skipped'] })[] = [
  {
    name: 'a tag moves away',
    change: (there) => {
      there.tag(there.get('stable'), 'b-1')
    },
    skipped: { 'b-1': /tags are gone: b-1/ },
    meanwhile: { 'b-1': /a tag less: b-1/ },
  },
  {
    name: 'a tag that alone was to go moves away',
    change: (there) => {
      there.tag(there.get('b-4', APP), 'old-held')
    },
    skipped: { 'old-held': /does not have the tag old-held any more/ },
    meanwhile: { 'old-held': /it is gone already/ },
  },
  {
    name: 'a tag is added',
    change: (there) => {
      there.tag(there.get('old-2'), 'prod')
    },
    skipped: { 'old-2': /another tag by now, prod/ },
    meanwhile: { 'old-2': /a tag more: prod/ },
  },
  {
    name: 'an image is pulled',
    change: (there) => {
      setPulled(there.get('b-1'), Date.now())
    },
    skipped: { 'b-1': /it was pulled at 20/ },
  },
  {
    name: 'a child of an index is pulled',
    change: (there) => {
      Object.assign(there.child('old-platforms'), { pulled: Date.now() })
    },
    skipped: { 'old-platforms': /it was pulled at 20/, 'old-child': /an index that holds it/ },
  },
  {
    name: 'an image is pushed again',
    change: (there) => {
      there.pushAgain('b-1')
    },
    skipped: { 'b-1': /b-1 stays: .*pushed/ },
    meanwhile: { 'b-1': /the tag b-1 was put on it again at 20/ },
  },
  {
    name: 'a tag becomes immutable',
    change: ({ registry }) => {
      registry.addImmutableRule('team-a', { tags: 'b-1' })
    },
    skipped: { 'b-1': /b-1 stays: .*immutable/ },
    meanwhile: { 'b-1': /Harbor refuses: .*the tag b-1 configured as immutable/ },
  },
  {
    name: 'an image gets a label that protects it',
    change: (there) => {
      there.builder.label(there.get('b-1'), 'keep')
    },
    skipped: { 'b-1': /b-1 stays: selected by label \(kept by a person\)/ },
    meanwhile: { 'b-1': /a label more: keep/ },
  },
  {
    name: 'an image gets a signature',
    change: (there) => {
      there.builder.sign(APP, there.get('b-1').digest)
    },
    skipped: { 'b-1': /accessories were added: sha256:/ },
    meanwhile: { 'b-1': /a accessory more: sha256:/ },
  },
  {
    name: 'a child of an index gets a signature',
    change: (there) => {
      there.builder.sign(APP, there.child('old-platforms').digest)
    },
    skipped: { 'old-platforms': /accessories were added: sha256:/, 'old-child': /an index that holds it/ },
    meanwhile: { 'old-platforms': /a accessory more: sha256:/, 'old-child': /an index that holds it/ },
  },
  {
    name: 'an image gets a tagged referrer',
    change: (there) => {
      there.tag(there.builder.refer(there.get('b-1'), 'application/vnd.test+json', 'late'), 'report')
    },
    skipped: { 'b-1': /accessories were added|report|stays/ },
    meanwhile: { 'b-1': /a accessory more: sha256:/ },
  },
  {
    name: 'an image gets a referrer that is an index',
    change: (there) => {
      there.indexOn(there.get('b-1'))
    },
    skipped: { 'b-1': /stays by now/ },
    meanwhile: { 'b-1': /a accessory more: sha256:/ },
  },
  {
    name: 'an accessory gets a referrer that is an index',
    change: (there) => {
      const [accessory] = there.get('old-referred').accessories
      if (accessory !== undefined) there.indexOn(accessory.artifact)
    },
    skipped: { 'old-referred': /stays by now/ },
    meanwhile: { 'old-referred': /a accessory more: sha256:/ },
  },
  {
    name: 'an accessory gets a tag of its own',
    change: (there) => {
      const [accessory] = there.get('old-referred').accessories
      if (accessory !== undefined) there.tag(accessory.artifact, 'report')
    },
    skipped: { 'old-referred': /stays by now/ },
    meanwhile: { 'old-referred': /which would go with it, has a tag by now: report/ },
  },
  {
    name: 'a child gets a tag',
    change: (there) => {
      there.tag(there.child('old-platforms'), 'mine')
    },
    skipped: { 'old-platforms': /children are gone: sha256:/, 'old-child': /an index that holds it/ },
    meanwhile: { 'old-platforms': /has a tag by now: mine/, 'old-child': /an index that holds it/ },
  },
  {
    name: 'a child is put into another index as well',
    change: (there) => {
      there.builder.index(APP, { images: [there.child('old-platforms')], tags: ['new'] })
    },
    skipped: { 'old-platforms': /children are gone: sha256:/, 'old-child': /an index that holds it/ },
    meanwhile: {},
  },
  {
    name: 'an image is put into an index',
    change: (there) => {
      there.builder.index(APP, { images: [there.get('b-1')], tags: ['new'] })
    },
    skipped: { 'b-1': /stays by now/ },
    meanwhile: { 'b-1': /Harbor refuses: .*referenced by others/ },
  },
  {
    name: 'somebody else deletes an image',
    change: (there) => {
      there.delete('old-2')
    },
    skipped: { 'old-2': /it is gone already/ },
  },
  {
    name: 'somebody else deletes an index, and not its child',
    change: (there) => {
      there.delete('old-platforms')
    },
    skipped: { 'old-platforms': /it is gone already/ },
    meanwhile: {
      'old-platforms': /it is gone already/,
      'old-child': /an index that holds it was not deleted by this/,
    },
  },
  {
    name: 'somebody else deletes a tag',
    change: (there) => {
      there.untag('old-2', WEB)
    },
    skipped: { 'old-2': /does not have the tag old-2 any more/ },
    meanwhile: { 'old-2': /it is gone already/ },
  },
  {
    name: 'somebody else deletes the image that others follow',
    change: (there) => {
      there.delete('old-1')
    },
    skipped: {
      'old-1': /it is gone already/,
      [`${OLD_1}.att`]: /the image that it belongs to was not deleted by this/,
      [`${OLD_1}.sbom`]: /the image that it belongs to was not deleted by this/,
    },
  },
  {
    name: 'somebody else removes the whole repository',
    change: ({ registry }) => {
      deleteRepository(registry, registry.repository(EMPTIED), 'somebody')
    },
    skipped: { [`${EMPTIED}:old-1`]: /it is gone already/ },
  },
  {
    name: 'somebody else removes the whole project',
    change: ({ registry }) => {
      deleteRepository(registry, registry.repository(EMPTIED), 'somebody')
      deleteRepository(registry, registry.repository(WEB), 'somebody')
      registry.projects.delete('team-b')
    },
    skipped: {
      [`${EMPTIED}:old-1`]: /it is gone already/,
      [`${WEB}:old-1`]: /it is gone already/,
      [`${WEB}:old-2`]: /it is gone already/,
    },
  },
]

/** Only what is decided anew tells these. */
const DECIDED: readonly Case[] = [
  {
    name: 'those that were to stay in its place are gone',
    change: (there) => {
      there.delete('b-3')
      there.delete('b-4')
    },
    skipped: { 'b-1': /b-1 stays: .*newest/, 'b-2': /b-2 stays: .*newest/ },
  },
  {
    name: 'the other tag is gone that kept the image',
    change: (there) => {
      there.untag('stable')
    },
    skipped: { 'old-3': /the whole artifact would go by now; plan again/ },
  },
]

/** Applies through a relay that changes things at some moment. */
async function applyWith(meddling: Meddling): Promise<ReadonlyMap<string, string>> {
  const relay = await startRelay(scene.standIn.url, meddling)
  try {
    await scene.planAnew(undefined, { 'harbor-url': relay.url })
    const { host, status } = await scene.apply({ 'harbor-url': relay.url, concurrency: '1' })
    expect([status, host.complained]).toEqual([0, []])
    const { results, totals } = scene.result()
    expect([totals.done + totals.skipped, totals.failed]).toEqual([scene.plan.actions.length, 0])
    return new Map(
      results
        .filter(({ outcome }) => outcome !== 'done')
        .map(({ repository, tags: [tag = ''], why }) => [
          tag === 'old-1' && repository !== APP ? `${repository}:${tag}` : tag,
          why,
        ]),
    )
  } finally {
    await relay.close()
  }
}

/** What somebody else took away is not to be counted. */
function changed(change: Change): ReadonlySet<string> {
  change(new There(scene.registry))
  return namesIn(scene.registry)
}

function expectSkipped(skipped: ReadonlyMap<string, string>, expected: Case['skipped']): void {
  const named = (tag: string): string => tag.replace(`${WEB}:old-2`, 'old-2')
  expect([...skipped.keys()].toSorted()).toEqual(
    Object.keys(expected)
      .map((tag) => named(tag))
      .toSorted(),
  )
  for (const [tag, words] of Object.entries(expected)) expect(skipped.get(named(tag))).toMatch(words)
}

describe('between plan and apply', () => {
  test.each([...CHANGES, ...DECIDED])('$name: skipped, and all else is done', async ({ change, skipped }) => {
    let before: ReadonlySet<string> = new Set()
    let isPlanned = false
    const told = await applyWith({
      before: ({ path }) => {
        // The first request that only an apply makes.
        if (isPlanned || !path.includes('/permissions')) return undefined
        isPlanned = true
        before = changed(change)
        return undefined
      },
    })
    expectSkipped(told, skipped)
    expect(dishonesty(scene, scene.result().results, before)).toEqual([])
  })
})

describe('while it is applied', () => {
  test.each(CHANGES)(
    '$name: skipped, and all else is done',
    async ({ change, skipped, meanwhile = skipped }) => {
      let before: ReadonlySet<string> | undefined
      const told = await applyWith({
        before: ({ method }) => {
          if (before !== undefined || method !== 'DELETE') return undefined
          before = changed(change)
          return undefined
        },
      })
      expectSkipped(told, meanwhile)
      expect(dishonesty(scene, scene.result().results, before ?? new Set())).toEqual([])
    },
  )
})

describe('at the last moment', () => {
  /** Changes something before the nth request about an image that matches. */
  function atRequest(about: RegExp, change: Change): Meddling {
    let isChanged = false
    return {
      before: ({ method, path }) => {
        if (isChanged || !about.test(`${method} ${path}`)) return undefined
        isChanged = true
        change(new There(scene.registry))
        return undefined
      },
    }
  }

  test('a tag moves away before it is deleted: Harbor itself deletes no tag that stands elsewhere', async () => {
    const { digest } = scene.registry.artifact(APP, 'old-held')
    const skipped = await applyWith(
      atRequest(new RegExp(`DELETE .*${digest}/tags/old-held`), (there) => {
        there.tag(there.get('b-4'), 'old-held')
      }),
    )
    expect([...skipped]).toEqual([['old-held', 'it is gone already']])
    expect(scene.registry.artifact(APP, 'old-held')).toBe(scene.registry.artifact(APP, 'b-4'))
  })

  // Between the look at an image and its delete its manifests are read and written down; nothing looks again.
  test('a tag is added while an image is saved: it is seen', async () => {
    const { digest } = scene.registry.artifact(APP, 'b-1')
    const skipped = await applyWith(
      atRequest(new RegExp(`GET /v2/.*${digest}`), (there) => {
        there.tag(there.get('b-1'), 'prod')
      }),
    )
    expect([...skipped.keys()]).toEqual(['b-1'])
    expect(scene.registry.findArtifact(APP, 'prod')?.digest).toBe(digest)
  })

  test('a tag moves away between a delete that failed and the next try: the artifact stays', async () => {
    const { digest } = scene.registry.artifact(APP, 'b-1')
    scene.standIn.faults.inject({ method: 'DELETE', path: digest, fault: { kind: 'error', status: 500 } })
    const skipped = await applyWith(
      atRequest(new RegExp(`DELETE .*${digest}$`), (there) => {
        there.tag(there.get('b-1'), 'prod')
      }),
    )
    expect([...skipped]).toEqual([['b-1', 'drifted: a tag more: prod']])
    expect(scene.registry.findArtifact(APP, 'prod')?.digest).toBe(digest)
  })
})
