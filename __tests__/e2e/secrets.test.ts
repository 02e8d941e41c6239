// Secrets are nowhere but where they belong: not in what is printed, not in files, not in outputs, however it ends.
// And what comes from outside is never a command.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import { access, addRobot } from '../../stand-in/state/robots.ts'
import type { StandIn } from '../../stand-in/stand-in.ts'
import { inputsFor, LAB_POLICY, startLab } from '../helpers/lab.ts'
import { ended, Folder, startAction, startCli, type Inputs, type Ran } from '../helpers/program.ts'
import { LONG_AGO } from '../helpers/registry.ts'

const MOVER = 'mover'
const SECRETS = {
  'harbor-password': 'h4rbor $ecret+/=',
  'mirror-password': 'm1rror-secret',
  'github-token': 'ghs_0123456789abcdefghijklmnopqrstuvwxyz',
}
const USER = 'robot$reader'
const FORMS = Object.values(SECRETS).flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64'),
  Buffer.from(`${USER}:${secret}`).toString('base64'),
])

let standIn: StandIn
let folder: Folder
beforeAll(async () => {
  standIn = await startLab()
  addRobot(standIn.registry, {
    name: 'reader',
    level: 'system',
    secret: SECRETS['harbor-password'],
    permissions: [
      {
        kind: 'project',
        namespace: '*',
        access: access(
          'repository:list repository:pull artifact:list artifact:read tag:list immutable-tag:list',
        ),
      },
    ],
  })
})
afterAll(() => standIn.close())
afterEach(() => {
  standIn.faults.clear()
  folder.remove()
})

/** Everything that is left of a run: what it printed but for the lines that name secrets to the runner, and files. */
function leftOf({ stdout, stderr }: Ran): string {
  return [stdout.replaceAll(/^::add-mask::.*\n/gm, ''), stderr, ...folder.files().values()].join('\n')
}

function run(policy: string, inputs: Inputs = {}, environment: Inputs = {}): Promise<Ran> {
  folder = new Folder()
  folder.write('policy.yml', policy)
  return ended(
    startAction(
      folder,
      inputsFor(standIn, {
        'harbor-username': USER,
        'mirror-username': MOVER,
        ...SECRETS,
        'decisions-file': 'd.ndjson',
        ...inputs,
      }),
      environment,
    ),
  )
}

describe('no secret', () => {
  test.each<readonly [string, Inputs]>([
    ['of a plan', {}],
    ['of an exact one', { sizes: 'exact', 'work-dir': 'work' }],
    ['of a wrong account', { 'harbor-username': 'robot$nobody' }],
    [
      'of an address with one in it',
      { 'harbor-url': `https://x:${SECRETS['harbor-password']}@harbor.example` },
    ],
    ['of an address that is none', { 'harbor-url': `x:${SECRETS['harbor-password']}@harbor.example` }],
    [
      'of a mirror with one in it',
      { 'mirror-registry': `https://x:${SECRETS['mirror-password']}@mirror.example` },
    ],
    ['of inputs that are all wrong', { now: 'x', concurrency: 'y', sizes: 'z', command: 'w' }],
  ])('%s', async (_what, inputs) => {
    const ran = await run(LAB_POLICY, inputs)
    const left = leftOf(ran)
    expect(left.length).toBeGreaterThan(50)
    expect(FORMS.filter((form) => left.includes(form))).toEqual([])
  })

  test('when requests fail, are redirected, or Harbor repeats them', async () => {
    const basic = Buffer.from(`${USER}:${SECRETS['harbor-password']}`).toString('base64')
    standIn.faults.inject({
      path: 'team-a/immutable',
      times: Infinity,
      fault: { kind: 'error', status: 400, code: 'BAD_REQUEST', message: 'no such thing' },
    })
    const left = leftOf(await run(LAB_POLICY))
    expect(left).toContain('no such thing')
    expect(left).not.toContain(basic)
    expect(FORMS.filter((form) => left.includes(form))).toEqual([])
  })

  test('of a proxy', async () => {
    const ran = await run(LAB_POLICY, {}, { HTTP_PROXY: 'socks5h://builder:pr0xy-secret@127.0.0.1:1/%zz' })
    expect(leftOf(ran)).not.toContain('pr0xy-secret')
    expect(ran.status).toBe(1)
  }, 20_000)

  test('of the command line', async () => {
    folder = new Folder()
    folder.write('policy.yml', LAB_POLICY)
    const environment = {
      HARBOR_URL: standIn.url,
      HARBOR_USERNAME: USER,
      HARBOR_PASSWORD: SECRETS['harbor-password'],
      GITHUB_TOKEN: SECRETS['github-token'],
      MIRROR_USERNAME: MOVER,
      MIRROR_PASSWORD: SECRETS['mirror-password'],
    }
    const fine = await ended(startCli(folder, ['plan', '--policy', 'policy.yml'], environment))
    expect(fine.status).toBe(0)
    const given = Object.entries(SECRETS).flatMap(([name, secret]) => [
      [`--${name}=${secret}`],
      [`--${name}`, secret],
    ])
    const refused = await Promise.all(given.map((args) => ended(startCli(folder, ['plan', ...args]))))
    expect(refused.map(({ status }) => status)).toEqual(given.map(() => 2))
    const left = [fine, ...refused].map((ran) => leftOf(ran)).join('\n')
    expect(FORMS.filter((form) => left.includes(form))).toEqual([])
  })

  test('is unmasked: the runner is told of each, and of what is made of them, before anything else', async () => {
    const { stdout } = await run(LAB_POLICY)
    const lines = stdout.split('\n')
    const masks = lines.filter((line) => line.startsWith('::add-mask::'))
    expect(masks.toSorted()).toEqual(
      [
        ...Object.values(SECRETS),
        Buffer.from(`${USER}:${SECRETS['harbor-password']}`).toString('base64'),
        Buffer.from(`${MOVER}:${SECRETS['mirror-password']}`).toString('base64'),
      ]
        .map((secret) => `::add-mask::${secret}`)
        .toSorted(),
    )
    expect(lines.slice(0, masks.length)).toEqual(masks)
  })
})

describe('nothing that comes from outside is a command to the runner', () => {
  const EVIL =
    '::error::pwned\n::add-mask::plan\n##[error]pwned\r::set-output name=changes::true\u2028::stop-commands::x'

  test.each([
    ['Harbor’s words', 'word'],
    ['a rule’s name', 'rule'],
    ['a label’s name', 'label'],
  ])('%s', async (_what, where) => {
    const builder = new Builder(standIn.registry)
    builder.image('pub/evil', { tags: ['v1'], pushed: LONG_AGO, labels: where === 'label' ? [EVIL] : [] })
    if (where === 'word') {
      const fault = { kind: 'error', status: 400, code: EVIL, message: EVIL } as const
      standIn.faults.inject({ path: /pub\/repositories\/.*artifacts/, times: Infinity, fault })
    }
    const name = where === 'rule' ? JSON.stringify(EVIL.replaceAll(/\s/g, ' ').slice(0, 100)) : 'all'
    const ran = await run(
      `version: 1\nrules: [{ name: ${name}, select: { tags: ["**"], labels: ["**"] }, delete: always }]\nlimits: { max-delete-percent: 100, keep-per-repository: 0 }\n`,
    )
    const commands = ran.stdout.split(/[\n\r\u2028]/).filter((line) => /^\s*(?:::|.*##\[)/.test(line))
    const known = /^::(?:add-mask::(?!plan)|error::harbor-dredge ended with `incomplete`)/
    expect(commands.filter((line) => !known.test(line))).toEqual([])
    expect(folder.read('output')).not.toContain('pwned')
  })

  test('nor markup in the summary', async () => {
    const evil = '</details><img src=x onerror=alert(1)>|`[x](javascript:1) @team #1 <!-- '
    const ran = await run(
      `version: 1\nrules: [{ name: ${JSON.stringify(evil)}, select: { tags: ["**"] }, delete: always }]\nlimits: { max-delete-percent: 100, keep-per-repository: 0 }\n`,
    )
    expect(ran.status).toBe(0)
    const summary = folder.read('summary.md')
    expect(summary).toContain('onerror')
    // In code spans, and nowhere else.
    const outside = summary.replaceAll(/(`+)[^]*?[^`]\1(?!`)/g, '')
    expect(outside).not.toMatch(/onerror|javascript:1|@team/)
  })
})
