// Referrers, of registries that keep them and of those that don't: what is asked, what is written, and what stays.
import type { ServerResponse } from 'node:http'
import { describe, expect, test } from '@jest/globals'
import { harborError, inTurn, type Answering, type Reply } from '../helpers/server.ts'
import { complaintOf } from './client.ts'
import { digestOf, image, index, INDEX, referrer } from './images.ts'
import { at, routes } from './own-server.ts'

const IMAGE = image('some')
const OTHER = image('other')

describe('referrers', () => {
  const one = referrer(IMAGE, 'one')
  const two = referrer(IMAGE, 'two')
  const PATH = `/v2/team/app/referrers/${IMAGE.digest}`
  const TAG = `/v2/team/app/manifests/${IMAGE.digest.replace(':', '-')}`
  const list = (...all: readonly unknown[]): string =>
    JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: all })
  const answerIndex =
    (body: string, link?: string) =>
    (_request: unknown, response: ServerResponse): void => {
      response.writeHead(200, { 'content-type': INDEX, ...(link === undefined ? {} : { link }) }).end(body)
    }

  test('of a registry that keeps them, page by page', async () => {
    const { registry, asked } = await at(
      routes({
        [`GET ${PATH}`]: answerIndex(list(one.descriptor), `<${PATH}?page=2>; rel="next"`),
        [`GET ${PATH}?page=2`]: answerIndex(list(one.descriptor, two.descriptor)),
      }),
    )
    expect(await registry.referrers('team/app', IMAGE.digest)).toEqual([one.descriptor, two.descriptor])
    expect(await registry.addReferrers('team/app', IMAGE.digest, [one.descriptor])).toBe(false)
    expect(asked()).toEqual([`GET ${PATH}`, `GET ${PATH}?page=2`, `GET ${PATH}`, `GET ${PATH}?page=2`])
  })

  test.each<readonly [string, number, Omit<Reply, 'status'>, boolean]>([
    ['404', 404, { body: '404 page not found' }, true],
    ['404 of the repository', 404, { body: harborError('NAME_UNKNOWN', 'no') }, false],
    ['404 as a page', 404, { headers: { 'content-type': 'text/html' } }, false],
    ['405', 405, {}, false],
    ['400 UNSUPPORTED', 400, { body: harborError('UNSUPPORTED', 'no') }, false],
    ['501', 501, {}, false],
    ['a redirect to elsewhere', 303, { headers: { location: 'http://elsewhere.example/' } }, false],
  ])('%s: there is no such API', async (_what, status, { headers = {}, body = '' }, known) => {
    const { registry, asked } = await at(
      routes({
        [`GET ${PATH}`]: (_request, response) => response.writeHead(status, headers).end(body),
        [`GET ${TAG}`]: answerIndex(list(one.descriptor)),
      }),
    )
    expect(await registry.referrers('team/app', IMAGE.digest)).toEqual([one.descriptor])
    const first = asked().length
    expect(await registry.referrers('team/app', IMAGE.digest)).toEqual([one.descriptor])
    expect(asked()).toHaveLength(2 * first)
    // Of a repository that is there it is known then, and not asked again.
    expect(await registry.addReferrers('team/app', IMAGE.digest, [one.descriptor])).toBe(false)
    const second = asked().length
    expect(await registry.referrers('team/app', IMAGE.digest)).toEqual([one.descriptor])
    expect(asked().length - second).toBe(known ? 1 : first)
  })

  test('a repository that isn’t there has none, whether or not the registry keeps them', async () => {
    const { registry, asked } = await at(routes({ [`GET ${PATH}`]: answerIndex(list(one.descriptor)) }))
    const none = (): Promise<unknown> => registry.referrers('team/none', IMAGE.digest)
    expect([
      await none(),
      await registry.referrers('team/app', IMAGE.digest),
      await none(),
      await registry.addReferrers('team/none', IMAGE.digest, [one.descriptor]),
    ]).toEqual([[], [one.descriptor], [], false])
    expect(asked()).toEqual([
      `GET ${PATH.replace('app', 'none')}`,
      `GET ${TAG.replace('app', 'none')}`,
      `GET ${PATH}`,
      `GET ${PATH.replace('app', 'none')}`,
      `GET ${PATH.replace('app', 'none')}`,
    ])
  })

  test('what can’t be read for another reason is not a registry without', async () => {
    const { registry } = await at(inTurn({ status: 503, body: '' }))
    expect((await complaintOf(registry.referrers('team/app', IMAGE.digest))).status).toBe(503)
    expect(
      (await complaintOf(registry.addReferrers('team/app', IMAGE.digest, [one.descriptor]))).status,
    ).toBe(503)
  })

  /** A registry that keeps one tag, and lets others write between what is asked of it. */
  function keeping(
    others: (nth: number, kept: string) => string,
    kept = '',
  ): { answer: Answering; kept: () => string } {
    const state = { kept, puts: 0 }
    const answer: Answering = (request, response) => {
      if (request.url !== TAG) {
        response.writeHead(404).end()
        return
      }
      if (request.method === 'GET') {
        if (state.kept === '') response.writeHead(404).end()
        else response.writeHead(200, { 'content-type': INDEX }).end(state.kept)
        return
      }
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const body = Buffer.concat(chunks)
        state.puts += 1
        state.kept = others(state.puts, body.toString())
        response.writeHead(201, { 'docker-content-digest': digestOf(body) }).end()
      })
    }
    return { answer, kept: () => state.kept }
  }

  test('what others overwrote is added once more, to what they wrote', async () => {
    const server = keeping((nth, put) => (nth === 1 ? list(two.descriptor) : put))
    const { registry } = await at(server.answer)
    expect(await registry.addReferrers('team/app', IMAGE.digest, [one.descriptor])).toBe(true)
    expect(server.kept()).toBe(list(two.descriptor, one.descriptor))
  })

  test('others who never stop are told of', async () => {
    const server = keeping(() => list(two.descriptor))
    const at1 = await at(server.answer)
    const { code, message } = await complaintOf(
      at1.registry.addReferrers('team/app', IMAGE.digest, [one.descriptor]),
    )
    expect([code, message]).toEqual([
      'CONTESTED',
      `PUT ${at1.server.url}${TAG}: others write this list of referrers at the same time, again and again; let one of them write it at a time`,
    ])
    expect(at1.asked().filter((asked) => asked.startsWith('PUT'))).toHaveLength(5)
  })

  test('what else stands on the tag stays', async () => {
    const server = keeping((_nth, put) => put, IMAGE.bytes.toString())
    const at1 = await at(server.answer)
    const { code, message } = await complaintOf(
      at1.registry.addReferrers('team/app', IMAGE.digest, [one.descriptor]),
    )
    expect([code, message]).toEqual([
      'NOT_AN_INDEX',
      `PUT ${at1.server.url}${TAG}: on the tag that has to list signatures and other referrers stands something else, which stays; remove that tag there, or copy to another repository`,
    ])
    expect(server.kept()).toBe(IMAGE.bytes.toString())
  })

  test('a registry that answers the tag with the subject has no referrers of it', async () => {
    const both = index(IMAGE, OTHER)
    const tag = `/v2/team/app/manifests/${both.digest.replace(':', '-')}`
    const { registry } = await at(routes({ [`GET ${tag}`]: answerIndex(both.bytes.toString()) }))
    expect(await registry.referrers('team/app', both.digest)).toEqual([])
  })
})
