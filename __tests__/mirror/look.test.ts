// What a mirror has is found out in few requests, and what can't be read is told.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { connect } from '../../src/harbor/dispatcher.ts'
import type { RetryPolicy } from '../../src/harbor/retry.ts'
import type { Hanging } from '../../src/inventory/hanging.ts'
import { lookAtMirror, type Found, type Sought } from '../../src/mirror/look.ts'
import { Registry } from '../../src/registry/registry.ts'
import { ADMIN } from '../helpers/connect.ts'
import { startDockerRegistry } from '../registry/docker-registry.ts'

const ONCE: RetryPolicy = { attempts: 1, pause: 1, longest: 1 }
const NOWHERE = `sha256:${'0'.repeat(64)}`

let mirror: StandIn
let builder: Builder
let registry: Registry
let close: () => Promise<void>
beforeEach(async () => {
  mirror = await startStandIn()
  mirror.registry.addProject({ name: 'backup' })
  builder = new Builder(mirror.registry)
  open(`${mirror.url}/backup`)
})
afterEach(async () => {
  await close()
  await mirror.close()
})

function open(url: string): void {
  const dispatcher = connect({ concurrency: 4 })
  registry = new Registry({ url, credentials: ADMIN, userAgent: 'test', retry: ONCE, dispatcher })
  close = () => dispatcher.close()
}

function sought(
  name: string,
  digest: string,
  tags: readonly string[],
  hanging: readonly Hanging[] = [],
): Sought {
  return { target: `${registry.prefix}${name}`, digest, tags, hanging }
}

async function look(
  images: readonly Sought[],
  isImmutable: (target: string, tag: string) => Promise<boolean> = () => Promise.resolve(false),
): Promise<readonly (Found | undefined)[]> {
  mirror.resetRequests()
  const found = await lookAtMirror(images, { registry, width: 4, isImmutable })
  return images.map((image) => found.get(image))
}

/** Requests for content, without those that it takes to be let in. */
function asked(): readonly string[] {
  return mirror.requests
    .filter(({ path }) => path.startsWith('/v2/backup/'))
    .map(({ method, path }) => `${method} ${path.replace('/v2/backup/', '')}`)
    .toSorted()
}

function hang(found: readonly (Found | undefined)[]): readonly unknown[] {
  return found.map((each) => each !== undefined && 'accessories' in each && each.accessories)
}

describe('what is there', () => {
  test('is found out by one list for each target, and a HEAD for each tag in it', async () => {
    const one = builder.image('backup/app', { tags: ['v1', 'v2'], layers: ['one'] })
    const other = builder.image('backup/app', { tags: ['v3'], layers: ['other'] })
    const found = await look([
      sought('app', one.digest, ['v1', 'v2']),
      sought('app', NOWHERE, ['v3', 'v4', 'v5']),
      sought('gone', NOWHERE, ['v1', 'v2', 'v3']),
    ])
    expect(found).toEqual([
      {
        tags: new Map([
          ['v1', one.digest],
          ['v2', one.digest],
        ]),
        image: true,
        accessories: 'hangs',
        immutable: [],
      },
      {
        tags: new Map([
          ['v3', other.digest],
          ['v4', null],
          ['v5', null],
        ]),
        image: false,
        accessories: 'hangs',
        immutable: [],
      },
      {
        tags: new Map([
          ['v1', null],
          ['v2', null],
          ['v3', null],
        ]),
        image: false,
        accessories: 'hangs',
        immutable: [],
      },
    ])
    expect(asked()).toEqual([
      'GET app/tags/list?n=1000',
      'GET gone/tags/list?n=1000',
      'HEAD app/manifests/v1',
      'HEAD app/manifests/v2',
      'HEAD app/manifests/v3',
    ])
  })

  test('of a tag or two is asked for without a list', async () => {
    const { digest } = builder.image('backup/app', { tags: ['v1'] })
    const [found] = await look([sought('app', digest, ['v1', 'v2'])])
    expect(found).toMatchObject({
      tags: new Map([
        ['v1', digest],
        ['v2', null],
      ]),
      image: true,
    })
    expect(asked()).toEqual(['HEAD app/manifests/v1', 'HEAD app/manifests/v2'])
  })

  test('has what hangs on it, or lacks it; where the image is not there nobody asks', async () => {
    const image = builder.image('backup/app', { tags: ['v1'] })
    const subject = image.digest
    const signature: Hanging = {
      digest: builder.sign('backup/app', subject, 'sig').digest,
      subject,
      tags: [`${subject.replace(':', '-')}.sig`],
    }
    const sbom: Hanging = {
      digest: builder.refer(image, 'application/spdx+json', 'sbom').digest,
      subject,
      tags: [],
    }
    const found = await look([
      sought('app', subject, ['v1'], [signature, sbom]),
      sought('app', subject, ['v1'], [{ ...signature, digest: sbom.digest }]),
      sought('app', subject, ['v1'], [sbom, { ...sbom, digest: NOWHERE }]),
      sought('app', subject, ['v1'], [{ ...sbom, subject: null }]),
      sought('app', NOWHERE, ['v9'], [signature, sbom]),
    ])
    expect(hang(found)).toEqual(['hangs', 'taken', 'missing', 'missing', 'missing'])
    expect(asked().filter((line) => !/tags\/list|manifests\/v\d$/.test(line))).toEqual([
      `GET app/manifests/${NOWHERE}`,
      `GET app/referrers/${subject}`,
      `GET app/referrers/${subject}`,
      ...[signature.tags?.[0] ?? '', sbom.digest].flatMap((name) =>
        [name, name].map((each) => `HEAD app/manifests/${each}`),
      ),
    ])
  })

  test('has what names no subject and has no tag once it is there', async () => {
    const image = builder.image('backup/app', { tags: ['v1'] })
    const { digest } = builder.image('backup/app', { layers: ['faster'] })
    const found = await look([
      sought('app', image.digest, ['v1'], [{ digest, subject: image.digest, tags: [] }]),
    ])
    expect(hang(found)).toEqual(['hangs'])
  })

  test('without a tag is found by its digest', async () => {
    const { digest } = builder.image('backup/app')
    const found = await look([sought('app', digest, []), sought('app', NOWHERE, [])])
    expect(found).toMatchObject([{ image: true }, { image: false }])
  })

  test('of a tag that stands elsewhere it is asked whether it can move, and of no other', async () => {
    const { digest } = builder.image('backup/app', { tags: ['v1', 'v2'] })
    const questions: string[] = []
    const [found] = await look(
      [sought('app', NOWHERE, ['v1', 'v9']), sought('app', digest, ['v2'])],
      async (target, tag) => {
        questions.push(`${target}:${tag}`)
        return true
      },
    )
    expect(found).toMatchObject({ immutable: ['v1'] })
    expect(questions).toEqual([`${registry.prefix}app:v1`])
  })

  test('of a tag that lists referrers and stands elsewhere it is known that it stays', async () => {
    const tag = `sha256-${'a'.repeat(64)}`
    builder.index('backup/app', { images: [builder.image('backup/app')], tags: [tag] })
    const [found] = await look([sought('app', NOWHERE, [tag])])
    expect(found).toMatchObject({ immutable: [tag] })
  })
})

describe('what cannot be read', () => {
  test('a target that may not be read is told once and asked no more; others are read', async () => {
    const { digest } = builder.image('backup/app', { tags: ['v1'] })
    mirror.faults.inject({
      path: '/v2/backup/closed/',
      times: Infinity,
      fault: { kind: 'error', status: 403, code: 'DENIED' },
    })
    const closed = Array.from({ length: 20 }, (_, index) => sought('closed', NOWHERE, [`v${index}`]))
    const found = await look([...closed, sought('app', digest, ['v1'])])
    expect(found.at(-1)).toMatchObject({ image: true })
    for (const each of found.slice(0, -1)) {
      expect(each).toMatchObject({ why: expect.stringContaining('answered 403') })
    }
    // As many as were under way.
    expect(asked().filter((line) => line.includes('closed')).length).toBeLessThanOrEqual(5)
  })

  test('tags that nobody may list are asked for one by one', async () => {
    const { digest } = builder.image('backup/app', { tags: ['v1'] })
    mirror.faults.inject({ path: 'tags/list', fault: { kind: 'error', status: 403 } })
    const [found] = await look([sought('app', digest, ['v1', 'v2', 'v3'])])
    expect(found).toMatchObject({
      tags: new Map([
        ['v1', digest],
        ['v2', null],
        ['v3', null],
      ]),
    })
  })

  test('a mirror that is gone is asked by those under way, and then by nobody', async () => {
    mirror.faults.inject({ path: '/v2/', times: Infinity, fault: { kind: 'cut', acted: false } })
    const images = Array.from({ length: 50 }, (_, index) => sought(`app-${index}`, NOWHERE, ['v1']))
    const found = await look(images)
    for (const each of found) {
      expect(each).toMatchObject({ why: expect.stringContaining('the connection was cut') })
    }
    expect(mirror.requests.length).toBeLessThanOrEqual(4)
  })

  test('a target elsewhere than at this mirror is not looked for', async () => {
    const [found] = await look([{ ...sought('app', NOWHERE, ['v1']), target: 'other.example/app' }])
    expect(found).toEqual({ why: `other.example/app is not under ${registry.prefix}` })
    expect(mirror.requests).toEqual([])
  })
})

test('a plain registry is read without credentials', async () => {
  const plain = await startDockerRegistry()
  await close()
  const dispatcher = connect({ concurrency: 4 })
  registry = new Registry({ url: plain.url, userAgent: 'test', retry: ONCE, dispatcher })
  close = () => dispatcher.close()
  const [found] = await look([sought('some/app', NOWHERE, ['v1', 'v2', 'v3'])])
  expect(found).toEqual({
    tags: new Map([
      ['v1', null],
      ['v2', null],
      ['v3', null],
    ]),
    image: false,
    accessories: 'hangs',
    immutable: [],
  })
  await plain.close()
})
