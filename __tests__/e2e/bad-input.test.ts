// Everything that can be wrong with what the action is given: told whole, and nothing asked for or written.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { StandIn } from '../../stand-in/stand-in.ts'
import { inputsFor, startLab } from '../helpers/lab.ts'
import { ended, Folder, outputsOf, startAction, type Inputs, type Ran } from '../helpers/program.ts'
import { stateOf } from '../helpers/registry.ts'
import { inTurn, serve, type Reply, type Server } from '../helpers/server.ts'

const OK = 'version: 1\nrules: [{ name: r, select: { tags: ["**"] }, delete: always }]\n'

/** What is printed, without what only the runner reads, and with pauses that chance had a part in made alike. */
function printed({ stdout }: Ran): readonly string[] {
  return stdout
    .replaceAll(/^::add-mask::.*\n/gm, '')
    .replaceAll(/again in \d+\.\d s/g, 'again in a while')
    .trimEnd()
    .split('\n')
}

class Run {
  readonly folder = new Folder()
  readonly #ran: Promise<Ran>

  constructor(inputs: Inputs, policy: string | undefined = OK, environment: Inputs = {}) {
    if (policy !== undefined) this.folder.write('policy.yml', policy)
    this.#ran = ended(startAction(this.folder, inputs, environment))
  }

  /** It failed like this, saying just this, and left nothing but its outputs. */
  async expectFailure(reason: string, lines: readonly string[]): Promise<void> {
    const ran = await this.#ran
    try {
      expect(printed(ran)).toEqual([
        ...lines,
        `::error::harbor-dredge ended with \`${reason}\`; what to do stands above`,
      ])
      expect([ran.status, ran.stderr, outputsOf(this.folder)]).toEqual([1, '', { 'failure-reason': reason }])
      const files = this.folder.files()
      expect([...files.keys()].filter((name) => name !== 'policy.yml')).toEqual(['output', 'summary.md'])
      expect(files.get('summary.md')).toBe('')
    } finally {
      this.folder.remove()
    }
  }

  get ran(): Promise<Ran> {
    return this.#ran
  }
}

const servers: Server[] = []
let broken: StandIn
const slow = new Map<string, Run>()
beforeAll(async () => {
  broken = await startLab()
  broken.faults.inject({
    path: /team-a\/repositories\/api\/artifacts/,
    times: Infinity,
    fault: { kind: 'html', status: 504 },
  })
  const serving = async (reply: Reply): Promise<Server> => {
    const server = await serve(inTurn(reply))
    servers.push(server)
    return server
  }
  // These are tried again and again; all at once, they take as long as one.
  slow.set('nobody', new Run(inputsFor({ url: 'http://127.0.0.1:1' })))
  slow.set(
    'proxy',
    new Run(inputsFor({ url: 'http://harbor.invalid' }), OK, { HTTP_PROXY: 'http://127.0.0.1:1' }),
  )
  slow.set('cut', new Run(inputsFor(await serving({ body: '{"auth_mode":"db' }))))
  slow.set('page', new Run(inputsFor(broken)))
  const html = { headers: { 'content-type': 'text/html' }, body: '<html>Welcome</html>' }
  slow.set('html', new Run(inputsFor(await serving(html))))
  slow.set('other', new Run(inputsFor(await serving({ status: 404, body: 'not found' }))))
})
afterAll(async () => {
  for (const server of servers) await server.close()
  await broken.close()
})

describe('offline', () => {
  let standIn: StandIn
  let before: unknown
  beforeAll(async () => {
    standIn = await startLab()
    before = stateOf(standIn.registry)
  })
  afterAll(() => standIn.close())
  beforeEach(() => {
    standIn.resetRequests()
  })
  afterEach(() => {
    expect(standIn.requests).toHaveLength(0)
    expect(stateOf(standIn.registry)).toEqual(before)
  })

  describe('a policy file', () => {
    const policy = (line: number, column: number, end: readonly [number, number]): string =>
      end[0] === line
        ? `::error title=policy,file=policy.yml,line=${line},endLine=${line},col=${column},endColumn=${end[1]}::`
        : `::error title=policy,file=policy.yml,line=${line},endLine=${end[0]}::`
    const at = (line: number, from: number, to: number, message: string): string =>
      policy(line, from, [line, to]) + message
    const TEN = Array.from({ length: 10 }, () => 'x').join()
    const bomb = `a: &a [${TEN}]\nb: &b [${TEN.replaceAll('x', '*a')}]\nc: &c [${TEN.replaceAll('x', '*b')}]\nd: [${TEN.replaceAll('x', '*c')}]\n`

    test.each<readonly [string, string, readonly string[]]>([
      ['that is empty', '', [at(1, 1, 1, 'the policy is empty')]],
      ['that says nothing', '# later\n', [at(1, 1, 1, 'the policy is empty')]],
      [
        'that isn’t YAML',
        'version: 1\nrules:\n\t- name: x\n',
        [at(3, 1, 2, 'this is not valid YAML: Tabs are not allowed as indentation')],
      ],
      [
        'with a key twice',
        'version: 1\nversion: 1\nrules: []\n',
        [at(2, 1, 2, 'this is not valid YAML: Map keys must be unique')],
      ],
      [
        'whose aliases explode',
        bomb + OK,
        [
          at(
            1,
            1,
            1,
            'the aliases in this file are refused: Excessive alias count indicates a resource exhaustion attack',
          ),
        ],
      ],
      [
        'with an unknown key',
        OK.replace('tags', 'tag'),
        [at(2, 30, 33, '`rules[0].select` has no key `tag`; did you mean `tags`?')],
      ],
      [
        'with wrong types, all at once',
        'version: "1"\nrules: { name: r }\n',
        [
          at(1, 10, 13, '`version` should be 1, not "1"'),
          at(2, 8, 19, '`rules` should be a list, not a mapping'),
        ],
      ],
      [
        'with a bad regex',
        OK.replace('**', '/(/'),
        [at(2, 37, 42, '`/(/` is not a regular expression in RE2 syntax: missing closing ): `(`')],
      ],
      [
        'with `delete: {}`',
        OK.replace('always', '{}'),
        [at(2, 54, 56, 'an empty mapping says nothing; write `always` for no condition')],
      ],
      [
        'with a list of negatives',
        OK.replace('**', '!v*'),
        [
          at(
            2,
            36,
            43,
            'a list with only `!` patterns matches nothing; add what they take away from, for example "**"',
          ),
        ],
      ],
      [
        'with a range that isn’t one',
        OK.replace('tags: ["**"]', 'semver: ">=x <"'),
        [at(2, 38, 45, '`>=x <` is not a version range')],
      ],
    ])('%s', async (_what, text, lines) => {
      await new Run(inputsFor(standIn), text).expectFailure('policy-invalid', [
        ...lines,
        `::error::policy.yml has ${lines.length === 1 ? '1 problem' : `${lines.length} problems`}; nothing was read from Harbor`,
      ])
    })

    test('that isn’t there', async () => {
      await new Run(inputsFor(standIn, { policy: 'nope.yml' })).expectFailure('bad-input', [
        '::error::nope.yml: there is no such file; see the input `policy`',
      ])
    })

    test('with more problems than GitHub shows: ten errors at most, and all of them in the log', async () => {
      const rules = Array.from(
        { length: 30 },
        (_, i) => `  - { name: r${i}, select: { tags: [x] }, delete: {} }\n`,
      )
      const run = new Run(inputsFor(standIn), `version: 1\nrules:\n${rules.join('')}`)
      const lines = printed(await run.ran)
      run.folder.remove()
      expect(lines.filter((line) => line.includes('an empty mapping says nothing'))).toHaveLength(30)
      expect(lines.filter((line) => line.startsWith('::error')).length).toBeLessThanOrEqual(10)
    })
  })

  describe('an input', () => {
    const like = 'write an instant like 2026-11-21T08:00:00Z, or +30d'
    const forks = 'secrets are empty on pull requests from forks'

    test.each<readonly [Inputs, readonly string[]]>([
      [{ now: 'tomorrow' }, [`\`now\` is \`tomorrow\`; ${like}`]],
      [{ now: '2026-02-30' }, [`\`now\` is \`2026-02-30\`; ${like}`]],
      [{ 'harbor-url': 'harbor.example.com' }, ['`harbor-url` is no URL like https://harbor.example.com']],
      [
        { 'harbor-url': 'https://joe:S3cret@harbor.example.com' },
        ['`harbor-url` has credentials in it; give them as `harbor-username` and `harbor-password`'],
      ],
      [
        { 'harbor-url': '', 'harbor-username': '', 'harbor-password': '' },
        ['url', 'username', 'password'].map(
          (name) =>
            `\`harbor-${name}\` is missing (on the command line: HARBOR_${name.toUpperCase()} in the environment); ${forks}`,
        ),
      ],
      [
        {
          command: 'check',
          concurrency: '0',
          sizes: 'exactly',
          'fail-on-changes': 'yes',
          'decisions-file': 'd.txt',
        },
        [
          'the command `check` comes with a later version; this one has `plan`, `apply`, `restore`, `gc`',
          '`concurrency` is `0`; write a whole number from 1 to 64',
          '`decisions-file` is `d.txt`; its name has to end in .ndjson or .csv',
          '`fail-on-changes` is `yes`; write true or false',
          '`sizes` is `exactly`; write estimate or exact or off',
        ],
      ],
      [{ 'ca-file': 'nope.pem' }, ['nope.pem: there is no such file; see the input `ca-file`']],
    ])('%j', async (inputs, lines) => {
      await new Run(inputsFor(standIn, inputs)).expectFailure(
        'bad-input',
        lines.map((line) => `::error::${line}`),
      )
    })

    test('mirror-registry with credentials: where they belong', async () => {
      const run = new Run(inputsFor(standIn, { 'mirror-registry': 'https://joe:S3cret@mirror.example.com' }))
      await run.expectFailure('bad-input', [
        '::error::`mirror-registry` has credentials in it; give them as `mirror-username` and `mirror-password`',
      ])
    })
  })
})

describe('a Harbor', () => {
  const run = (name: string): Run => slow.get(name) ?? new Run({})
  const url = (index: number): string => servers[index]?.url ?? ''
  const PATHS = ['/api/v2.0/systeminfo', '/api/v2.0/users/current']

  test('with a wrong password', async () => {
    await new Run(inputsFor(broken, { 'harbor-password': 'wrong' })).expectFailure('unauthorized', [
      `::error::${broken.url}: GET /api/v2.0/users/current: answered 401 UNAUTHORIZED (unauthorized); check harbor-username and harbor-password; a robot may have expired or be disabled`,
    ])
  })

  test('that answers HTML', async () => {
    await run('html').expectFailure('not-harbor', [
      `::error::${url(1)}: GET /api/v2.0/systeminfo: answered with an HTML page; is harbor-url the address of Harbor itself?`,
    ])
  })

  test('that isn’t one', async () => {
    await run('other').expectFailure('not-harbor', [
      `::error::${url(2)}: GET /api/v2.0/systeminfo: there is no Harbor of version 2 here; check harbor-url`,
    ])
  })

  test.each([
    [
      'nobody',
      () => 'http://127.0.0.1:1',
      'no answer: nothing listens there; check host and port in harbor-url, and that Harbor runs',
    ],
    [
      'cut',
      () => url(0),
      'the answer ends before its JSON does (16 characters); something between here and Harbor cut it',
    ],
  ])(
    'that can’t be reached, or not to the end: %s',
    async (name, at, words) => {
      const ran = await run(name).ran
      const lines = printed(ran)
      const tries = lines.filter((line) => line.endsWith('; again in a while'))
      expect(new Set(tries)).toEqual(new Set(PATHS.map((path) => `GET ${path}: ${words}; again in a while`)))
      expect(tries).toHaveLength(8)
      const others = lines.filter((line) => !tries.includes(line))
      expect(others.map((line) => line.replace('users/current', 'systeminfo'))).toEqual([
        `::error::${at()}: GET /api/v2.0/systeminfo: ${words}`,
        '::error::harbor-dredge ended with `harbor-unreachable`; what to do stands above',
      ])
      expect(ran.status).toBe(1)
      run(name).folder.remove()
    },
    30_000,
  )

  test('whose proxy isn’t there', async () => {
    const lines = printed(await run('proxy').ran)
    expect(lines.at(-2)?.replace('users/current', 'systeminfo')).toBe(
      '::error::http://harbor.invalid: GET /api/v2.0/systeminfo: no answer: nothing listens there; check host and port in harbor-url, and that Harbor runs; or the proxy that HTTP_PROXY names is not there (NO_PROXY lists what goes without)',
    )
    run('proxy').folder.remove()
  }, 30_000)

  test('one page of which fails for good: the rest is shown, and can’t be applied', async () => {
    const { ran, folder } = run('page')
    const { status } = await ran
    expect([status, outputsOf(folder)['failure-reason']]).toEqual([1, 'incomplete'])
    const plan = folder.read('harbor-dredge-plan.json')
    expect(plan).toContain('"applyable": false')
    expect(plan).toContain(
      'team-a/api was not read: GET /api/v2.0/projects/team-a/repositories/api/artifacts?with_tag=true&page_size=100&sort=id&q=base%3D*: answered 504 (an HTML page, not from Harbor); a proxy in front of Harbor gave up waiting for it; lower `concurrency`',
    )
    expect(folder.read('summary.md')).toContain('team-a/api')
    folder.remove()
  }, 30_000)
})

describe('files in each other’s place', () => {
  let standIn: StandIn
  beforeAll(async () => {
    standIn = await startLab()
  })
  afterAll(() => standIn.close())

  // Inputs, and what they are told to be.
  test.each<[inputs: Inputs, said: string]>([
    [
      { 'plan-file': 'x.ndjson', 'decisions-file': './x.ndjson' },
      '`decisions-file` and `plan-file` are one file, ./x.ndjson',
    ],
    [{ 'plan-file': './a/../policy.yml' }, '`plan-file` and `policy` are one file, ./a/../policy.yml'],
    [
      { policy: 'policy.csv', 'decisions-file': 'policy.csv' },
      '`decisions-file` and `policy` are one file, policy.csv',
    ],
  ])('%j: one would overwrite the other', async (inputs, said) => {
    await new Run(inputsFor(standIn, inputs)).expectFailure('bad-input', [
      `::error::${said}; give one of them another name`,
    ])
  })
})
