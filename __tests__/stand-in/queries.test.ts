// What a real Harbor 2.15.1 made of `q` and `sort`: asked of the lab's registry, in which web/frontend lists the
// artifacts 48 (tagged 1.9.0-amd64), 54 (1.9, 1.9.0; its child 49 isn't listed), 61 (2.0, latest, …) and 68.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { loadLab } from '../../stand-in/load/lab.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import { type StandIn, startStandIn } from '../../stand-in/stand-in.ts'
import { Client } from './client.ts'
import { LAB } from './recording.ts'

const PROJECT = '/api/v2.0/projects/team-a'
const FRONTEND = `${PROJECT}/repositories/web%2Ffrontend/artifacts`
const ALL = [48, 54, 61, 68]

let standIn: StandIn
let client: Client

beforeAll(async () => {
  standIn = await startStandIn()
  client = new Client(standIn)
  loadLab(standIn.registry, LAB)
})
afterAll(() => standIn.close())

/** The ids listed, or the status when that isn't 200. */
async function listed(query: string, path = FRONTEND): Promise<number[] | number> {
  const { status, text, headers } = await client.get(`${path}?page_size=100&${query}`)
  if (status !== 200) return status
  const ids = parseJson<{ readonly id: number }[]>(text).map(({ id }) => id)
  expect(headers.get('x-total-count')).toBe(String(ids.length))
  return ids
}

test.each<[q: string, answer: number[] | number]>([
  ['id=54', [54]],
  ['ID=54', [54]],
  ['Id=54', [54]],
  ['id=~5', [54]],
  ['id={48 49 54}', [48, 54]],
  ['id={48 49 54},base=*', [48, 49, 54]],
  ['id={54 "61"}', [54, 61]],
  ['id={}', []],
  ['id={54,61}', 400],
  ['id={x}', 500],
  ['id=[54~61]', [54, 61]],
  ['id=[ 54 ~ 61 ]', [54, 61]],
  ['id=[54~]', [54, 61, 68]],
  ['id=[~49]', [48]],
  ['id=[-5~49]', [48]],
  ['id=[61~54]', []],
  ['id=[1000~2000]', []],
  ['id=[2147483647~]', []],
  ['id=[2147483648~]', 500],
  ['id=[54.5~61]', 500],
  ['id=[a~b]', 500],
  ['id=[~]', 400],
  ['id=[54~61', 400],
  ['id=(54 61)', ALL],
  ['id=[54~61],id=[54~54]', [54]],
  ['ID=[54~54],id=[61~61]', []],
  ['nosuch=[1~2]', ALL],
  ['repository_name=team-a/worker', []],
  ['base=x', 400],
  ['base=~x', 400],
  ['tags=*', ALL],
  ['tags=nil', []],
  ['tags=nil,base=*,id=[48~49]', [49]],
  ['tags=2.0', [61]],
  ['tags=~1.9', [48, 54]],
  ['tags={2.0 1.9}', 400],
  ['type=IMAGE', ALL],
  ['type=image', []],
  ['type=~ima', ALL],
  ['media_type=~index', [54, 61, 68]],
  ['size=[0~3000]', []],
  ['size=[x~]', 500],
  ['push_time=[2026-08-01~2026-08-31]', [54, 61]],
  ['push_time=[2026-08-04 00:00:00~2026-08-04T00:00:00]', [54]],
  ['pushTime=[~2026-07-31]', [48]],
  ['push_time=~2026-08', [54, 61]],
  ['push_time=[x~]', 500],
  ['pull_time=[~0001-01-01]', [48, 54, 68]],
  ['tags', 400],
  ['=a', 400],
  ['tags=', 400],
])('q=%s', async (q, answer) => {
  expect(await listed(`sort=id&q=${encodeURIComponent(q)}`)).toEqual(answer)
})

test.each<[query: string, answer: number[]]>([
  ['sort=id&q=id%3D%5B54~54%5D', [54]],
  ['sort=id&q=id=%255B54~54%255D', [54]],
  ['sort=id&q=id={48%2B54}', [48, 54]],
  ['sort=id&q=id=[54~61]&q=id=[54~54]', [54]],
  ['sort=-id', [68, 61, 54, 48]],
  ['sort=nosuch,-id', [68, 61, 54, 48]],
  ['sort=push_time', ALL],
  ['sort=nosuch', [68, 61, 54, 48]],
  ['', [68, 61, 54, 48]],
  ['sort=type,id', ALL],
  ['sort=type,-id', [68, 61, 54, 48]],
])('?%s', async (query, answer) => {
  expect(await listed(query)).toEqual(answer)
})

test('a whole project is asked in the same way', async () => {
  const worker = [69, 72, 75]
  expect(await listed('sort=id&q=id=[69~]', `${PROJECT}/artifacts`)).toEqual(worker)
  expect(await listed('sort=id&q=repository_name=team-a/worker', `${PROJECT}/artifacts`)).toEqual(worker)
  expect(await listed('sort=-id&q=id=[69~],base=*', `${PROJECT}/artifacts`)).toEqual(worker.toReversed())
})

test('labels must all be there', async () => {
  const api = `${PROJECT}/repositories/api/artifacts`
  const [label] = standIn.registry.labels.values()
  const labelled = [...standIn.registry.repository('team-a/api').artifacts.values()]
    .filter(({ labels }) => label !== undefined && labels.includes(label))
    .map(({ id }) => id)
  expect(labelled.length).toBeGreaterThan(0)
  expect(await listed(`sort=id&q=labels=(${label?.id})`, api)).toEqual(labelled)
  expect(await listed(`sort=id&q=labels=(${label?.id} 99)`, api)).toEqual([])
})

test.each<[page: string, ids: number[], links: string[]]>([
  ['page_size=2', [48, 54], ['page=2 next']],
  ['page=2&page_size=2', [61, 68], ['page=1 prev']],
  ['page=2&page_size=1', [54], ['page=1 prev', 'page=3 next']],
  ['page=3&page_size=2', [], []],
  ['page=9&page_size=2', [], []],
  ['page=0&page_size=2', [48, 54], ['page=1 next']],
  ['page_size=0', ALL, []],
])('%s', async (page, ids, links) => {
  const { text, headers } = await client.get(`${FRONTEND}?sort=id&${page}`)
  expect(parseJson<{ readonly id: number }[]>(text).map(({ id }) => id)).toEqual(ids)
  expect(headers.get('x-total-count')).toBe('4')
  const shown = (headers.get('link') ?? '').match(/(?<=[?&])page=\d+|(?<=rel=")\w+/g) ?? []
  expect(shown.join(' ')).toBe(links.join(' '))
})

test('after any change a list is what it then is', async () => {
  const artifact = standIn.registry.artifact('team-a/worker', '0.3.0')
  const worker = `${PROJECT}/repositories/worker/artifacts`
  expect(await listed('sort=id', worker)).toEqual([69, 72, 75])
  await client.ask('DELETE', `${worker}/${artifact.digest}`)
  expect(await listed('sort=id', worker)).toEqual([69, 72])
  expect(await listed('sort=id&q=id=[69~]', `${PROJECT}/artifacts`)).toEqual([69, 72])
})
