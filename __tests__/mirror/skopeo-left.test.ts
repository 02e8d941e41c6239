// What a killed run left goes with the next one; what isn't known to be that stays.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { SkopeoSession } from '../../src/mirror/skopeo.ts'

let temp: string
beforeAll(() => {
  temp = mkdtempSync(path.join(tmpdir(), 'dredge-left-'))
})
afterAll(() => {
  rmSync(temp, { recursive: true, force: true })
})

const SKOPEO = { path: '/x', version: '1.9.3' }
/** Somebody who is gone. */
const GONE = spawnSync('true').pid

function folder(name: string, owner?: string): string {
  const made = path.join(temp, name)
  mkdirSync(made, { mode: 0o700 })
  writeFileSync(path.join(made, 'auth-1.json'), 'secret', { mode: 0o600 })
  if (owner !== undefined) writeFileSync(path.join(made, 'owner'), owner)
  return made
}

test.each([
  ['of one that was killed', `${GONE} ${hostname()}\n`, false],
  ['of one that had the number that this one has', `${process.pid} ${hostname()}\n`, false],
  ['of one that lives', `${process.ppid} ${hostname()}\n`, true],
  ['of another machine, or container', `${GONE} another.example\n`, true],
  ['of nobody knows whom', undefined, true],
  ['of who can’t be read', 'x\n', true],
])('%s', async (what, owner, stays) => {
  const made = folder(`harbor-dredge-skopeo-${what.replaceAll(/\W/g, '-')}`, owner)
  const session = new SkopeoSession(SKOPEO, { temp })
  expect(existsSync(made)).toBe(stays)
  await session.close()
})

test('another session of the same process, another program, and what a link leads to', async () => {
  const first = new SkopeoSession(SKOPEO, { temp })
  const other = folder('somebody-elses', `${GONE} ${hostname()}\n`)
  const link = path.join(temp, 'harbor-dredge-skopeo-link')
  symlinkSync(other, link)
  const folders = (): number => readdirSync(temp).filter((name) => /skopeo-\w{6}$/.test(name)).length
  const before = folders()
  const second = new SkopeoSession(SKOPEO, { temp })
  expect([existsSync(other), existsSync(link), folders()]).toEqual([true, true, before + 1])
  await second.close()
  await first.close()
})
