// The built action, run as GitHub runs it.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { isRecord, parseJson } from '../../stand-in/state/json.ts'
import type { StandIn } from '../../stand-in/stand-in.ts'
import { ADMIN } from '../helpers/connect.ts'
import { inputsFor, LAB_NOW, LAB_POLICY, startLab } from '../helpers/lab.ts'
import { ended, Folder, outputsOf, startAction, type Inputs, type Ran } from '../helpers/program.ts'
import { stateOf } from '../helpers/registry.ts'

let standIn: StandIn
let folder: Folder
beforeAll(async () => {
  standIn = await startLab()
})
afterAll(() => standIn.close())
beforeEach(() => {
  folder = new Folder()
  folder.write('policy.yml', LAB_POLICY)
  standIn.resetRequests()
})
afterEach(() => {
  folder.remove()
})

function run(inputs: Inputs = {}, environment: Inputs = {}): Promise<Ran> {
  return ended(startAction(folder, inputsFor(standIn, inputs), environment))
}

/** What is printed, without what only the runner reads. */
function printed({ stdout }: Ran): string {
  return stdout.replaceAll(/^::add-mask::.*\n/gm, '')
}

function planOf(file = 'harbor-dredge-plan.json'): Record<string, unknown> {
  return parseJson<Record<string, unknown>>(folder.read(file))
}

describe('a plan', () => {
  test('ends well, with outputs, a summary, a report in the log, and no complaint', async () => {
    const ran = await run()
    expect([ran.status, ran.stderr]).toEqual([0, ''])
    const plan = planOf()
    const totals = isRecord(plan['totals']) ? plan['totals'] : {}
    expect(outputsOf(folder)).toEqual({
      changes: 'true',
      'plan-id': plan['id'],
      'plan-file': 'harbor-dredge-plan.json',
      deletes: String(Number(totals['deleteTags']) + Number(totals['deleteArtifacts'])),
      copies: String(totals['copies']),
      'reclaimable-bytes': String(totals['reclaimableBytes']),
      'failure-reason': '',
    })
    expect([plan['format'], plan['complete'], plan['applyable'], plan['problems']]).toEqual([
      'harbor-dredge/plan/1',
      true,
      true,
      [],
    ])
    expect(Number(totals['deletes'])).toBeGreaterThan(20)
    expect(Number(totals['copies'])).toBeGreaterThan(1)
    const summary = folder.read('summary.md')
    expect(summary).toContain(String(plan['id']))
    expect(Buffer.byteLength(summary)).toBeLessThan(2 ** 20)
    expect(printed(ran)).not.toMatch(/^::/m)
    expect(printed(ran)).toContain('pull request builds')
  })

  test('changes nothing, asks for nothing but reads, and counts no pull', async () => {
    const before = stateOf(standIn.registry)
    await run({ sizes: 'exact' })
    expect(stateOf(standIn.registry)).toEqual(before)
    expect([...new Set(standIn.requests.map(({ method }) => method))]).toEqual(['GET'])
    expect(standIn.requests.every(({ user }) => user === ADMIN.username)).toBe(true)
  })

  test('leaves the files that were asked for, and no others', async () => {
    await run({
      'plan-file': 'deep/er/plan.json',
      'decisions-file': 'decisions.csv',
      sizes: 'exact',
      'work-dir': 'work',
    })
    expect([...folder.files().keys()]).toEqual([
      'decisions.csv',
      'deep/er/plan.json',
      'output',
      'policy.yml',
      'summary.md',
      'work/manifests/content.ndjson',
    ])
  })

  test('names each project once it is read', async () => {
    const lines = printed(await run()).split('\n')
    for (const [project, words] of [
      ['team-a', '71 artifacts in 3'],
      ['team-b', '8 artifacts in 2'],
      ['pub', '5 artifacts in 1'],
      ['empty', '0 artifacts in 0'],
    ]) {
      expect(lines).toContain(`${project ?? ''}: ${words ?? ''} of its repositories`)
    }
  })

  test('for another time says so, and can’t be applied', async () => {
    const ran = await run({ now: '+30d' })
    expect(ran.status).toBe(0)
    expect(outputsOf(folder)).toMatchObject({ changes: 'true', 'failure-reason': 'other-time' })
    expect(planOf()).toMatchObject({ complete: true, applyable: false, problems: [{ code: 'other-time' }] })
  })

  test('over a limit is shown, and can’t be applied', async () => {
    folder.write('policy.yml', LAB_POLICY.replace('max-delete-percent: 80', 'max-deletes: 3'))
    const ran = await run()
    expect(ran.status).toBe(0)
    expect(outputsOf(folder)).toMatchObject({ changes: 'true', 'failure-reason': 'limit-exceeded' })
    expect(planOf()).toMatchObject({
      complete: true,
      applyable: false,
      problems: [{ code: 'limit-exceeded' }],
    })
    expect(folder.read('summary.md')).toContain('limits.max-deletes')
  })

  test('with something to do fails when it was to', async () => {
    const ran = await run({ 'fail-on-changes': 'true' })
    expect(ran.status).toBe(1)
    expect(printed(ran)).toMatch(/^::error::harbor-dredge ended with `changes`; what to do stands above$/m)
    expect(outputsOf(folder)).toMatchObject({ changes: 'true', 'failure-reason': 'changes' })
    expect([...folder.files().keys()]).toContain('harbor-dredge-plan.json')
  })

  test('with nothing to do is no change', async () => {
    folder.write(
      'policy.yml',
      'version: 1\nrules: [{ name: none, select: { tags: [nope] }, delete: always }]\n',
    )
    const ran = await run({ 'fail-on-changes': 'true' })
    expect(ran.status).toBe(0)
    expect(outputsOf(folder)).toMatchObject({ changes: 'false', deletes: '0', 'failure-reason': '' })
    expect(planOf()).toMatchObject({ complete: true, applyable: false, actions: [] })
  })

  test('that is not complete fails, with what it could read', async () => {
    standIn.faults.inject({
      path: 'team-b/repositories',
      times: Infinity,
      fault: { kind: 'error', status: 403, code: 'FORBIDDEN', message: 'forbidden' },
    })
    const ran = await run()
    standIn.faults.clear()
    expect(ran.status).toBe(1)
    expect(outputsOf(folder)).toMatchObject({ 'failure-reason': 'incomplete' })
    expect(planOf()).toMatchObject({ complete: false, applyable: false })
    expect(printed(ran)).toMatch(
      /team-b was not read: GET \/api\/v2\.0\/projects\/team-b\/repositories\S* answered 403 FORBIDDEN \(forbidden\); the account may not do this; give it the rights that the README lists; or leave it out of the policy's scope/,
    )
    expect(folder.read('summary.md')).toContain('team-b')
  })

  test('without a file for summaries is a plan all the same', async () => {
    const ran = await run({}, { GITHUB_STEP_SUMMARY: '' })
    expect(ran.status).toBe(0)
    expect(printed(ran)).toMatch(/^::warning::the job summary could not be written: /m)
  })
})

describe('the decisions file', () => {
  const fields = ['repository', 'tag', 'digest', 'decision', 'rule', 'code', 'reason', 'line', 'copy']

  test('has a line for every unit, kept ones too', async () => {
    await run({ 'decisions-file': 'decisions.ndjson', now: LAB_NOW })
    const lines = folder.read('decisions.ndjson').trimEnd().split('\n')
    const units = lines.map((line) => parseJson<Record<string, unknown>>(line))
    const plan = planOf()
    const totals = isRecord(plan['totals']) ? plan['totals'] : {}
    expect(units).toHaveLength(Number(totals['units']))
    expect(units.map((unit) => Object.keys(unit))).toEqual(units.map(() => fields))
    const names = units.map(
      (unit) => `${String(unit['repository'])}:${String(unit['tag'] ?? unit['digest'])}`,
    )
    expect(new Set(names).size).toBe(names.length)
    // What the registry has: every tag, and every artifact without one that belongs to nothing else.
    const there = [...standIn.registry.repositories()].flatMap(({ name, artifacts }) =>
      [...artifacts.values()]
        .filter(({ accessoryOf }) => accessoryOf === null)
        .flatMap(({ tags, digest, parents }) => [
          ...tags.map((tag) => `${name}:${tag.name}`),
          ...(tags.length === 0 && parents.length === 0 ? [`${name}:${digest}`] : []),
        ]),
    )
    expect(names.toSorted()).toEqual(there.toSorted())
    expect(units.filter(({ decision }) => decision === 'delete' || decision === 'archive')).toHaveLength(
      Number(totals['deletes']),
    )
  })

  test('as CSV says the same', async () => {
    await run({ 'decisions-file': 'decisions.csv', now: LAB_NOW })
    const [header, ...lines] = folder.read('decisions.csv').trimEnd().split('\r\n')
    expect(header).toBe(fields.join(','))
    await run({ 'decisions-file': 'decisions.ndjson', now: LAB_NOW })
    expect(lines).toHaveLength(folder.read('decisions.ndjson').trimEnd().split('\n').length)
    expect(lines.some((line) => line.startsWith('team-a/api,pr-101,sha256:'))).toBe(true)
  })
})

describe('the same plan twice', () => {
  test('gives the same bytes, at any concurrency and whatever answers first', async () => {
    const plans: string[] = []
    const ids: unknown[] = []
    for (const [round, concurrency] of ['1', '4', '16', '4'].entries()) {
      // Every other answer is late, each time another.
      const late = round % 2 === 0 ? /[02468]/ : /[13579]/
      standIn.faults.inject({ path: late, times: Infinity, fault: { kind: 'delay', milliseconds: 2 } })
      await run({
        concurrency,
        now: LAB_NOW,
        'decisions-file': 'decisions.ndjson',
        sizes: 'exact',
        'work-dir': `w${round}`,
      })
      standIn.faults.clear()
      plans.push(
        folder.read('harbor-dredge-plan.json').replace(/"createdAt": "[^"]*"/, '') +
          folder.read('decisions.ndjson') +
          folder.read('summary.md').replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d[:.\dZ UTC]*/g, 'TIME'),
      )
      ids.push(outputsOf(folder)['plan-id'])
    }
    expect(new Set(ids).size).toBe(1)
    expect(new Set(plans).size).toBe(1)
  })

  test('and the present is the only thing that differs between now and a moment later', async () => {
    await run()
    const first = planOf()
    await run()
    expect({ ...planOf(), createdAt: first['createdAt'], now: first['now'] }).toEqual(first)
  })
})

test('the first request comes soon after the start', async () => {
  const started = performance.now()
  const child = startAction(folder, inputsFor(standIn))
  while (standIn.requests.length === 0) {
    await new Promise((resolve) => {
      setTimeout(resolve, 1)
    })
  }
  const after = performance.now() - started
  await ended(child)
  console.info(`first request ${after.toFixed(0)} ms after the start of the process`)
  expect(after).toBeLessThan(3000)
})
