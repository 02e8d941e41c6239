// The commands for other CIs do what they say, taken out of the document as they stand there.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { parse } from 'yaml'
import { Builder } from '../../stand-in/load/build.ts'
import { isRecord, parseJson } from '../../stand-in/state/json.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { ended, Folder } from '../helpers/program.ts'
import { LONG_AGO } from '../helpers/registry.ts'

const DOCUMENT = readFileSync('docs/ci.md', 'utf8')
const ROOT = path.resolve(import.meta.dirname, '..', '..')
const POLICY = `version: 1
rules: [{ name: old, select: { tags: ["old"] }, delete: always }]
limits: { keep-per-repository: 0 }
`

// Several programs are started, one after the other.
jest.setTimeout(120_000)

let standIn: StandIn
let folder: Folder
beforeEach(async () => {
  standIn = await startStandIn()
  const builder = new Builder(standIn.registry)
  for (const tag of ['old', 'new']) {
    builder.image('library/app', { tags: [tag], layers: [tag], pushed: LONG_AGO })
  }
  folder = new Folder()
  for (const name of ['.harbor-dredge.yml', 'harbor-dredge.yml', 'policy.yml']) folder.write(name, POLICY)
})
afterEach(async () => {
  await standIn.close()
  folder.remove()
})

const tags = (): string[] => [...standIn.registry.repository('library/app').tags.keys()].toSorted()

async function shell(script: string, environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const { status, stdout, stderr } = await ended(
    spawn('bash', ['-eo', 'pipefail', '-c', script], {
      cwd: folder.path,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env['PATH'] ?? ''}`,
        HARBOR_URL: standIn.url,
        HARBOR_USERNAME: 'admin',
        HARBOR_PASSWORD: 'Harbor12345',
        DREDGE: ROOT,
        ...environment,
      },
    }),
  )
  expect([script, status, stderr]).toEqual([script, 0, expect.anything()])
  return stdout
}

function block(heading: string, language: string): string {
  const [, section = ''] = DOCUMENT.split(`\n## ${heading}\n`)
  return new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'm').exec(section)?.[1] ?? ''
}

function scriptOf(pipeline: unknown, job: string): string {
  const found = isRecord(pipeline) ? pipeline[job] : undefined
  const lines: unknown = isRecord(found) ? found['script'] : undefined
  return Array.isArray(lines) ? lines.join('\n') : ''
}

test('GitLab CI', async () => {
  const pipeline: unknown = parse(block('GitLab CI', 'yaml'))
  expect(await shell(scriptOf(pipeline, 'registry plan'))).toContain('Would delete 1 artifact')
  expect([...folder.files().keys()]).toEqual(
    expect.arrayContaining(['decisions.csv', 'harbor-dredge-plan.json']),
  )
  await shell(scriptOf(pipeline, 'registry apply'))
  expect(tags()).toEqual(['new'])
})

test('Jenkins', async () => {
  const pipeline = block('Jenkins', 'groovy')
  const scripts = [...pipeline.matchAll(/^\s*sh '(node .*)'$/gm)].map(([, script = '']) => script)
  expect(scripts).toHaveLength(2)
  const [plan = '', apply = ''] = scripts
  expect(await shell(plan)).toContain('Would delete 1 artifact')
  const id = (await shell(/'''([^]*?)'''/.exec(pipeline)?.[1] ?? '')).trim()
  expect(id).toMatch(/^sha256:\w{64}$/)
  await shell(apply, { PLAN_ID: id })
  expect(tags()).toEqual(['new'])
})

test('anything else', async () => {
  const [exported = '', plan = '', apply = '', restore = ''] = block('Anything else', 'sh')
    .replaceAll('/opt/harbor-dredge', ROOT)
    .replace('team-a/api:v1.2.0', 'library/app:old')
    .split('\n')
  await shell(`${exported}\n${plan}`)
  const { id } = parseJson<{ id: string }>(folder.read('harbor-dredge-plan.json'))
  await shell(apply, { APPROVED: id })
  expect(tags()).toEqual(['new'])
  await shell(restore)
  expect(tags()).toEqual(['new', 'old'])
})
