// What Harbor's list of garbage collections says.
import { describe, expect, test } from '@jest/globals'
import { freedBy, lastSweep, newRun, refuseWhileRunning, windowOf } from '../../src/gc/runs.ts'
import type { GcRunAnswer } from '../../src/harbor/schemas.ts'

const HOUR = 3_600_000

function run(id: number, parameters: unknown = {}, status = 'Success'): GcRunAnswer {
  return {
    id,
    job_status: status,
    job_parameters: typeof parameters === 'string' ? parameters : JSON.stringify(parameters),
    creation_time: `2026-11-${10 + id}T12:00:00.000Z`,
    update_time: '2026-11-21T12:00:00.000Z',
  }
}

describe('one that was started without our having been told its id', () => {
  const before = [run(5, { dry_run: false }), run(4, { dry_run: false })]

  test.each<readonly [string, readonly GcRunAnswer[], number | undefined]>([
    ['is the one that is new', [run(6, { dry_run: false }), ...before], 6],
    ['is the newest', [run(7, { dry_run: false }), run(6, { dry_run: false }), ...before], 7],
    ['is none that was there', before, undefined],
    ['is none of another kind', [run(6, { dry_run: true }), ...before], undefined],
    ['may not say of which kind it is', [run(6, ''), ...before], 6],
  ])('%s', (_, runs, id) => {
    expect(newRun(runs, before, false)).toBe(id)
  })
})

test.each(['Pending', 'Running', 'Scheduled'])('%s is under way', (status) => {
  expect(() => {
    refuseWhileRunning([run(7), run(6, {}, status)])
  }).toThrow(`number 6 is in Harbor since 2026-11-16 12:00 UTC (${status})`)
})

test.each(['Success', 'Error', 'Stopped'])('%s is over', (status) => {
  expect(() => {
    refuseWhileRunning([run(7, {}, status)])
  }).not.toThrow()
})

test.each<readonly [string, readonly GcRunAnswer[], number]>([
  ['two hours unless one says otherwise', [], 2],
  ['what the latest says', [run(7), run(6, { time_window: 1 }), run(5, { time_window: 3 })], 1],
  ['nothing that makes no sense', [run(7, { time_window: -1 }), run(6, 'no JSON')], 2],
])('how long blobs are spared: %s', (_, runs, hours) => {
  expect(windowOf(runs)).toBe(hours * HOUR)
})

test('garbage was last collected by the latest that was none of only counting, and ended well', () => {
  const runs = [run(9, {}, 'Error'), run(8, { dry_run: true }), run(7, { dry_run: false }), run(6)]
  expect(lastSweep(runs)).toBe(Date.parse('2026-11-17T12:00:00.000Z'))
  expect(lastSweep([])).toBeUndefined()
})

test.each<readonly [unknown, unknown]>([
  [
    { freed_space: 5, purged_blobs: 2, purged_manifests: 1 },
    { bytes: 5, blobs: 2, manifests: 1 },
  ],
  [{ freed_space: 5 }, { bytes: 5, blobs: null, manifests: null }],
  [{ dry_run: false }, undefined],
  [{ freed_space: -5 }, undefined],
  ['no JSON', undefined],
  ['', undefined],
])('%j freed %j', (parameters, freed) => {
  expect(freedBy(run(1, parameters))).toEqual(freed)
})
