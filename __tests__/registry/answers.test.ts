// Registries that answer otherwise than the ones that are at hand: pages, missing headers, and all that goes wrong on
// the way.
import type { ServerResponse } from 'node:http'
import { describe, expect, test } from '@jest/globals'
import { harborError, inTurn, type Answering } from '../helpers/server.ts'
import { complaintOf } from './client.ts'
import { digestOf, image } from './images.ts'
import { at, routes } from './own-server.ts'

const IMAGE = image('some')
const OTHER = image('other')
const TAGS = '/v2/team/app/tags/list'
const V1 = '/v2/team/app/manifests/v1'

function page(
  tags: readonly string[] | null,
  link?: string,
): (request: unknown, response: ServerResponse) => void {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...(link === undefined ? {} : { link }) })
    response.end(JSON.stringify({ name: 'team/app', tags }))
  }
}

describe('tags', () => {
  test('page by page, by relative links and by those of a registry that takes itself for another host', async () => {
    const { registry, asked } = await at(
      routes({
        [`GET ${TAGS}?n=1000`]: page(['c', 'b'], `<${TAGS}?n=2&last=b>; rel="next"`),
        [`GET ${TAGS}?n=2&last=b`]: page(
          [],
          '<http://inside:5000/v2/team/app/tags/list?token=a%2Cb>; title="x"; rel=next',
        ),
        [`GET ${TAGS}?token=a%2Cb`]: page(['a', 'b'], '<?page=4>; rel="next"'),
        [`GET ${TAGS}?page=4`]: page(null, '</v2/>; rel="first"'),
      }),
    )
    expect(await registry.tags('team/app')).toEqual(['a', 'b', 'c'])
    expect(asked()).toEqual([
      `GET ${TAGS}?n=1000`,
      `GET ${TAGS}?n=2&last=b`,
      `GET ${TAGS}?token=a%2Cb`,
      `GET ${TAGS}?page=4`,
    ])
  })

  test('page by page without links, as long as pages are full', async () => {
    const all = Array.from({ length: 2000 }, (_, nth) => `v${String(nth).padStart(4, '0')}`)
    const { registry, asked } = await at((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://registry')
      const last = searchParams.get('last') ?? ''
      page(all.filter((tag) => tag > last).slice(0, 1000))(request, response)
    })
    expect(await registry.tags('team/app')).toEqual(all)
    expect(asked()).toEqual(['', '&last=v0999', '&last=v1999'].map((last) => `GET ${TAGS}?n=1000${last}`))
  })

  test('a list that goes on and on is no list', async () => {
    let nth = 0
    const { registry } = await at((request, response) => {
      page([], `<${TAGS}?page=${(nth += 1)}>; rel="next"`)(request, response)
    })
    const { code, message } = await complaintOf(registry.tags('team/app'))
    expect([code, nth]).toEqual(['CIRCLE', 10_000])
    expect(message).toMatch(/the list has no end: after 10000 pages there is one more/)
  }, 120_000)

  test('a list that goes round in circles is no list', async () => {
    const { registry, server } = await at(page(['a'], `<${TAGS}?n=1000>; rel="next"`))
    const { code, message } = await complaintOf(registry.tags('team/app'))
    expect([code, message]).toEqual([
      'CIRCLE',
      `GET ${server.url}${TAGS}: the list goes round in circles: its next page (Link) is one that was read already`,
    ])
  })

  test('a page that fails is read again, and then the list fails, rather than to be short', async () => {
    const failing = await at((request, response) => {
      if (request.url?.includes('last') === true) response.writeHead(500).end(harborError('UNKNOWN', 'no'))
      else page(['a'], `<${TAGS}?last=a>; rel="next"`)(request, response)
    })
    const { message } = await complaintOf(failing.registry.tags('team/app'))
    expect(message).toBe(
      `GET ${failing.server.url}${TAGS}: answered 500 UNKNOWN (no); the mirror registry's log has the cause`,
    )
    expect(failing.asked()).toEqual([
      `GET ${TAGS}?n=1000`,
      ...Array.from({ length: 3 }, () => `GET ${TAGS}?last=a`),
    ])
  })

  test.each<readonly [string, Answering, string]>([
    [
      'a page of a proxy',
      inTurn({ status: 404, headers: { 'content-type': 'text/html' }, body: '<html>nothing here</html>' }),
      'answered 404 with an HTML page, which is not from a registry; is mirror-registry the address of the mirror registry itself?',
    ],
    [
      'JSON of another form',
      inTurn({ body: '{"tags":{"a":1}}' }),
      'the answer has Object as `tags`: Invalid type: Expected Array but received Object; is this a registry?',
    ],
    [
      'half an answer',
      inTurn({ body: '{"tags":["a"' }),
      'the answer ends before its JSON does (12 characters); something between here and the mirror registry cut it',
    ],
  ])('%s is not a repository without tags', async (_what, answer, words) => {
    const { registry, server } = await at(answer)
    const { message } = await complaintOf(registry.tags('team/app'))
    expect(message).toBe(`GET ${server.url}${TAGS}: ${words}`)
  })
})

describe('digests and manifests', () => {
  const headers = { 'content-type': IMAGE.mediaType }
  const found = { digest: IMAGE.digest, bytes: IMAGE.bytes, mediaType: IMAGE.mediaType }

  test('all formats are accepted, and no pull is counted', async () => {
    const { registry, server } = await at(
      inTurn({ headers: { 'docker-content-digest': IMAGE.digest }, body: '' }),
    )
    await registry.digestOf('team/app', 'v1')
    expect(server.requests.at(-1)?.headers).toMatchObject({
      accept:
        'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.v1+prettyjws',
      'user-agent': 'harbor-registry-client',
    })
  })

  test.each<readonly [string, Answering]>([
    ['no header', inTurn({ headers, body: IMAGE.bytes })],
    [
      'a header that is no digest',
      inTurn({ headers: { ...headers, 'docker-content-digest': 'none' }, body: IMAGE.bytes }),
    ],
    [
      'no HEAD',
      (request, response) => {
        if (request.method === 'HEAD') response.writeHead(405).end()
        else response.writeHead(200, headers).end(IMAGE.bytes)
      },
    ],
  ])('%s: the manifest is read', async (_what, answer) => {
    const { registry, asked } = await at(answer)
    expect(await registry.digestOf('team/app', 'v1')).toBe(IMAGE.digest)
    expect(asked()).toEqual([`HEAD ${V1}`, `GET ${V1}`])
  })

  test.each<readonly [string, string, Readonly<Record<string, string>>, string]>([
    ['by tag', 'v1', headers, IMAGE.digest],
    ['by digest', IMAGE.digest, headers, IMAGE.digest],
    [
      'by another kind of digest',
      digestOf(IMAGE.bytes, 'sha512'),
      { ...headers, 'docker-content-digest': IMAGE.digest },
      digestOf(IMAGE.bytes, 'sha512'),
    ],
    ['with parameters', 'v1', { 'content-type': `${IMAGE.mediaType}; charset=utf-8` }, IMAGE.digest],
    ['as JSON and no more', 'v1', { 'content-type': 'application/json' }, IMAGE.digest],
  ])('a manifest %s', async (_how, reference, said, digest) => {
    const { registry } = await at(inTurn({ headers: said, body: IMAGE.bytes }))
    expect(await registry.manifest('team/app', reference)).toEqual({ ...found, digest })
  })

  test.each([
    ['that was asked for', IMAGE.digest, {}],
    ['that the answer has', 'v1', { 'docker-content-digest': IMAGE.digest }],
    ['of a kind that can’t be checked', `blake3:${'0'.repeat(64)}`, {}],
  ])(
    'bytes that are not those of the digest %s are read again, and then refused',
    async (_which, reference, said) => {
      const { registry, retries, server } = await at(inTurn({ headers: said, body: OTHER.bytes }))
      const { message } = await complaintOf(registry.manifest('team/app', reference))
      const digest = reference === 'v1' ? IMAGE.digest : reference
      const words = `GET ${server.url}/v2/team/app/manifests/${reference}: the answer (${OTHER.bytes.length} bytes) is not ${digest}; something between here and the registry changed or cut it`
      expect([message, retries]).toEqual([words, [words, words]])
    },
  )

  test('bytes that are whole the second time', async () => {
    const { registry } = await at(
      inTurn({ headers, body: IMAGE.bytes.subarray(1) }, { headers, body: IMAGE.bytes }),
    )
    expect(await registry.manifest('team/app', IMAGE.digest)).toEqual(found)
  })
})

describe('pushing', () => {
  const { digest, blobs } = IMAGE
  const [blob = Buffer.of()] = blobs

  test('what is said to be stored as something else is a failure', async () => {
    const { registry, server } = await at(
      inTurn({ status: 201, headers: { 'docker-content-digest': OTHER.digest } }),
    )
    const { message } = await complaintOf(registry.putManifest('team/app', 'v1', digest, IMAGE))
    expect(message).toBe(`PUT ${server.url}${V1}: was stored as ${OTHER.digest}, not ${digest}`)
  })

  test('where the answer doesn’t say, it is looked at', async () => {
    const good = await at(
      inTurn({ status: 201, body: '' }, { headers: { 'docker-content-digest': digest }, body: '' }),
    )
    await good.registry.putManifest('team/app', 'v1', digest, IMAGE)
    expect(good.asked()).toEqual([`PUT ${V1}`, `HEAD ${V1}`])
    const bad = await at(inTurn({ status: 201, body: '' }, { status: 404, body: '' }))
    const { message } = await complaintOf(bad.registry.putManifest('team/app', 'v1', digest, IMAGE))
    expect(message).toBe(`PUT ${bad.server.url}${V1}: was stored as nothing that is there, not ${digest}`)
  })

  test('bytes that are not those of the digest are not sent', async () => {
    const { registry, server } = await at(inTurn({ status: 201 }))
    await expect(registry.putManifest('team/app', 'v1', OTHER.digest, IMAGE)).rejects.toThrow(
      new RangeError(`these ${IMAGE.bytes.length} bytes are not ${OTHER.digest}`),
    )
    await expect(registry.uploadBlob('team/app', OTHER.digest, blob)).rejects.toThrow(RangeError)
    expect(server.requests).toEqual([])
  })

  test.each<readonly [string, Answering, readonly string[]]>([
    [
      '429',
      inTurn(
        { status: 429, headers: { 'retry-after': '0' }, body: '' },
        { status: 201, headers: { 'docker-content-digest': digest } },
      ),
      ['something in front of the mirror registry limits requests'],
    ],
    [
      '500',
      inTurn(
        { status: 500, body: '' },
        { status: 500, body: '' },
        { status: 201, headers: { 'docker-content-digest': digest } },
      ),
      ['answered 500', 'answered 500'],
    ],
    [
      'a cut',
      (_request, response, nth) => {
        if (nth === 1) response.destroy()
        else response.writeHead(201, { 'docker-content-digest': digest }).end()
      },
      ['the connection was cut'],
    ],
  ])('%s is tried again', async (_what, answer, words) => {
    const { registry, retries, asked } = await at(answer)
    await registry.putManifest('team/app', 'v1', digest, IMAGE)
    expect(retries).toEqual(words.map((said) => expect.stringContaining(said)))
    expect(asked()).toEqual(Array.from({ length: words.length + 1 }, () => `PUT ${V1}`))
  })

  test.each([
    [412, 'PRECONDITION', IMAGE, true],
    [412, 'PRECONDITION', OTHER, false],
    [409, 'CONFLICT', IMAGE, true],
    [400, 'TAG_INVALID', IMAGE, true],
    [400, 'TAG_INVALID', OTHER, false],
    [400, 'MANIFEST_INVALID', IMAGE, false],
    // The manifest is there, what it references isn't: that image is broken.
    [400, 'MANIFEST_BLOB_UNKNOWN', IMAGE, false],
    [409, 'MANIFEST_BLOB_UNKNOWN', IMAGE, false],
  ])('%d %s where the tag stands on %#', async (status, code, there, fine) => {
    const { registry } = await at(
      routes({
        [`PUT ${V1}`]: (_request, response) => response.writeHead(status).end(harborError(code, 'words')),
        [`HEAD ${V1}`]: (_request, response) =>
          response.writeHead(200, { 'docker-content-digest': there.digest }).end(),
      }),
    )
    const put = registry.putManifest('team/app', 'v1', digest, IMAGE)
    if (fine) await expect(put).resolves.toBeUndefined()
    else expect((await complaintOf(put)).message).toContain(`answered ${status} ${code} (words)`)
  })

  const UPLOADS = '/v2/team/app/blobs/uploads/'
  const BLOB = digestOf(blob)

  test('an upload that is cut begins anew', async () => {
    const { registry, asked } = await at((request, response, nth) => {
      if (request.method === 'POST') {
        response.writeHead(202, { location: `${UPLOADS}${nth}?_state=a%3D` }).end()
      } else if (nth < 3) response.destroy()
      else response.writeHead(201).end()
    })
    await registry.uploadBlob('team/app', BLOB, blob)
    const put = `_state=a%3D&digest=${encodeURIComponent(BLOB)}`
    expect(asked()).toEqual([
      `POST ${UPLOADS}`,
      `PUT ${UPLOADS}1?${put}`,
      `POST ${UPLOADS}`,
      `PUT ${UPLOADS}3?${put}`,
    ])
  })

  test.each<readonly [string, Readonly<Record<string, string>>, string]>([
    ['nowhere', {}, 'the answer does not say where to upload to (Location); is this a registry?'],
    [
      'elsewhere',
      { location: 'https://elsewhere.example/upload?secret' },
      'names https://elsewhere.example as the place to upload to, which gets no credentials; have the registry name itself as URL (behind a proxy: pass Host and X-Forwarded-Proto on to it, or have it answer with relative URLs)',
    ],
  ])('an upload to %s', async (_where, headers, words) => {
    const { registry, server } = await at(inTurn({ status: 202, headers, body: '' }))
    const { message } = await complaintOf(registry.uploadBlob('team/app', BLOB, blob))
    expect(message).toBe(`POST ${server.url}${UPLOADS}: ${words.replace('URL (', `${server.url} (`)}`)
  })

  test('an upload that became something else, and one that the registry refuses, with nothing secret told', async () => {
    const begun = { status: 202, headers: { location: '/up/1?_state=secret' }, body: '' }
    const other = await at(inTurn(begun, { status: 201, headers: { 'docker-content-digest': OTHER.digest } }))
    const refused = await at(inTurn(begun, { status: 400, body: harborError('DIGEST_INVALID', 'no') }))
    expect([
      (await complaintOf(other.registry.uploadBlob('team/app', BLOB, blob))).message,
      (await complaintOf(refused.registry.uploadBlob('team/app', BLOB, blob))).message,
    ]).toEqual([
      `PUT ${other.server.url}/up/1: was stored as ${OTHER.digest}, not ${BLOB}`,
      `PUT ${refused.server.url}/up/1: answered 400 DIGEST_INVALID (no)`,
    ])
  })

  test('a mount that becomes an upload is given up, whether or not the registry knows how', async () => {
    for (const status of [204, 405]) {
      const { registry, asked } = await at((request, response) => {
        if (request.method === 'DELETE') response.writeHead(status).end()
        else response.writeHead(202, { location: `${UPLOADS}1?_state=x` }).end()
      }, '/backup')
      expect(await registry.mountBlob('app', BLOB, 'from')).toBe(false)
      expect(asked()).toEqual([
        `POST /v2/backup/app/blobs/uploads/?mount=${encodeURIComponent(BLOB)}&from=backup%2Ffrom`,
        `DELETE ${UPLOADS}1?_state=x`,
      ])
    }
  })

  test('a redirect of what changes something is not followed', async () => {
    const { registry, server } = await at(
      inTurn({ status: 307, headers: { location: '/elsewhere' }, body: '' }),
    )
    const { message } = await complaintOf(registry.putManifest('team/app', 'v1', digest, IMAGE))
    expect(message).toBe(
      `PUT ${server.url}${V1}: redirects a request that changes something; give the address that it redirects to as mirror-registry`,
    )
  })
})
