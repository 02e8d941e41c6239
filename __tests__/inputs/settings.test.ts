import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { INPUTS, type InputName } from '../../src/inputs/inputs.ts'
import { parseSettings, type Given, type Settings } from '../../src/inputs/settings.ts'

const NOW = Date.UTC(2026, 10, 21, 8)
const DAY = 86_400_000

/** What a run has to be told, and what else it is told. */
function given(others: Given = {}): Given {
  return {
    'harbor-url': 'https://harbor.example',
    'harbor-username': 'robot$dredge',
    'harbor-password': 'hunter2-secret',
    ...others,
  }
}

function problemsOf(others: Given): readonly string[] {
  const parsed = parseSettings(given(others), NOW)
  return 'problems' in parsed ? parsed.problems : []
}

function settingsOf(others: Given): Settings {
  const parsed = parseSettings(given(others), NOW)
  if ('settings' in parsed) return parsed.settings
  throw new Error(parsed.problems.join('\n'))
}

test('what a run has to be told is enough, and everything else has its default', () => {
  expect(settingsOf({})).toEqual({
    command: 'plan',
    policy: '.github/harbor-dredge.yml',
    harbor: {
      url: 'https://harbor.example',
      username: 'robot$dredge',
      password: 'hunter2-secret',
      caFile: undefined,
      insecureSkipTlsVerify: false,
    },
    concurrency: 4,
    planFile: 'harbor-dredge-plan.json',
    decisionsFile: undefined,
    dryRun: false,
    list: false,
    only: [],
    overwriteTags: false,
    comment: 'auto',
    github: { token: '' },
    planId: '',
    workDir: '.harbor-dredge',
    now: undefined,
    failOnChanges: false,
    sizes: 'estimate',
    mirror: {
      url: '',
      prefix: '',
      username: '',
      password: '',
      caFile: undefined,
      insecureSkipTlsVerify: false,
    },
  })
})

test('white space around anything says nothing, and nothing but white space is not given', () => {
  const [spaced, empty] = ['  ', ''].map((text) => Object.fromEntries(INPUTS.map(({ name }) => [name, text])))
  expect(settingsOf({ ...spaced, ...given() })).toEqual(settingsOf({}))
  expect(settingsOf({ ...empty, ...given() })).toEqual(settingsOf({}))
  expect(settingsOf({ 'harbor-url': ' https://harbor.example\n', concurrency: ' 4 ' })).toEqual(
    settingsOf({}),
  )
})

describe('an input that is right', () => {
  // Its name, what is given, and the part of the settings that follows.
  test.each<[input: InputName, text: string, settings: object]>([
    ['command', 'plan', { command: 'plan' }],
    ['policy', 'policies/main.yml', { policy: 'policies/main.yml' }],
    ['harbor-url', 'http://localhost:8080', { harbor: { url: 'http://localhost:8080' } }],
    ['harbor-url', 'https://harbor.example/', { harbor: { url: 'https://harbor.example' } }],
    ['harbor-url', 'https://example.com/harbor//', { harbor: { url: 'https://example.com/harbor' } }],
    ['harbor-url', 'HTTPS://Harbor.Example:443', { harbor: { url: 'https://harbor.example' } }],
    ['harbor-url', 'https://[::1]:8443', { harbor: { url: 'https://[::1]:8443' } }],
    ['harbor-username', 'robot$team-a+dredge', { harbor: { username: 'robot$team-a+dredge' } }],
    ['harbor-password', 'with "quotes" and $signs', { harbor: { password: 'with "quotes" and $signs' } }],
    ['ca-file', '/etc/ssl/harbor.pem', { harbor: { caFile: '/etc/ssl/harbor.pem' } }],
    ['insecure-skip-tls-verify', 'true', { harbor: { insecureSkipTlsVerify: true } }],
    ['insecure-skip-tls-verify', 'false', { harbor: { insecureSkipTlsVerify: false } }],
    ['concurrency', '1', { concurrency: 1 }],
    ['concurrency', '64', { concurrency: 64 }],
    ['plan-file', 'out/plan.json', { planFile: 'out/plan.json' }],
    [
      'decisions-file',
      'out/decisions.ndjson',
      { decisionsFile: { path: 'out/decisions.ndjson', format: 'ndjson' } },
    ],
    ['decisions-file', 'decisions.csv', { decisionsFile: { path: 'decisions.csv', format: 'csv' } }],
    ['work-dir', '/tmp/dredge', { workDir: '/tmp/dredge' }],
    ['now', '2026-11-21', { now: Date.UTC(2026, 10, 21) }],
    ['now', '2026-11-21T08:00:00+02:00', { now: Date.UTC(2026, 10, 21, 6) }],
    ['now', '+30d', { now: NOW + 30 * DAY }],
    ['now', '+90m', { now: NOW + DAY / 16 }],
    ['now', '+0d', { now: NOW }],
    ['fail-on-changes', 'true', { failOnChanges: true }],
    ['sizes', 'exact', { sizes: 'exact' }],
    ['sizes', 'off', { sizes: 'off' }],
    ['comment', 'never', {}],
    [
      'mirror-registry',
      'https://mirror.example',
      { mirror: expect.objectContaining({ prefix: 'mirror.example/' }) },
    ],
    [
      'mirror-registry',
      'http://mirror.example:5000/backup/',
      { mirror: expect.objectContaining({ prefix: 'mirror.example:5000/backup/' }) },
    ],
    [
      'mirror-registry',
      'https://mirror.example/a.b/c_d/e__f/g--h9//',
      { mirror: expect.objectContaining({ prefix: 'mirror.example/a.b/c_d/e__f/g--h9/' }) },
    ],
  ])('%s: %j', (input, text, settings) => {
    expect(settingsOf({ [input]: text })).toMatchObject(settings)
  })
})

describe('an input that is wrong', () => {
  const FORKS = 'secrets are empty on pull requests from forks'

  // Its name, what is given, and what is said of it.
  test.each<[input: InputName, text: string, problem: string]>([
    [
      'command',
      'check',
      'the command `check` comes with a later version; this one has `plan`, `apply`, `restore`, `gc`',
    ],
    ['command', 'Plan', 'there is no command `Plan`; this version has `plan`, `apply`, `restore`, `gc`'],
    [
      'command',
      'constructor',
      'there is no command `constructor`; this version has `plan`, `apply`, `restore`, `gc`',
    ],
    [
      'harbor-url',
      '',
      `\`harbor-url\` is missing (on the command line: HARBOR_URL in the environment); ${FORKS}`,
    ],
    [
      'harbor-username',
      '',
      `\`harbor-username\` is missing (on the command line: HARBOR_USERNAME in the environment); ${FORKS}`,
    ],
    [
      'harbor-password',
      ' ',
      `\`harbor-password\` is missing (on the command line: HARBOR_PASSWORD in the environment); ${FORKS}`,
    ],
    ['harbor-url', 'harbor.example', '`harbor-url` is no URL like https://harbor.example.com'],
    ['harbor-url', 'harbor.example:443', '`harbor-url` is no URL like https://harbor.example.com'],
    ['harbor-url', 'ftp://harbor.example', '`harbor-url` is no URL like https://harbor.example.com'],
    ['harbor-url', 'javascript:alert(1)', '`harbor-url` is no URL like https://harbor.example.com'],
    ['harbor-url', 'https://', '`harbor-url` is no URL like https://harbor.example.com'],
    [
      'harbor-url',
      'https://harbor.example/?x=1',
      '`harbor-url` has a query or fragment; write scheme, host and path only',
    ],
    [
      'harbor-url',
      'https://harbor.example/#/projects',
      '`harbor-url` has a query or fragment; write scheme, host and path only',
    ],
    [
      'harbor-url',
      'https://user:hunter2@harbor.example',
      '`harbor-url` has credentials in it; give them as `harbor-username` and `harbor-password`',
    ],
    [
      'harbor-url',
      'https://user@harbor.example',
      '`harbor-url` has credentials in it; give them as `harbor-username` and `harbor-password`',
    ],
    [
      'harbor-url',
      'https://:hunter2@harbor.example',
      '`harbor-url` has credentials in it; give them as `harbor-username` and `harbor-password`',
    ],
    ['insecure-skip-tls-verify', 'yes', '`insecure-skip-tls-verify` is `yes`; write true or false'],
    ['insecure-skip-tls-verify', 'TRUE', '`insecure-skip-tls-verify` is `TRUE`; write true or false'],
    ['fail-on-changes', '1', '`fail-on-changes` is `1`; write true or false'],
    ['concurrency', '0', '`concurrency` is `0`; write a whole number from 1 to 64'],
    ['concurrency', '65', '`concurrency` is `65`; write a whole number from 1 to 64'],
    ['concurrency', '-1', '`concurrency` is `-1`; write a whole number from 1 to 64'],
    ['concurrency', '4.5', '`concurrency` is `4.5`; write a whole number from 1 to 64'],
    ['concurrency', '1e1', '`concurrency` is `1e1`; write a whole number from 1 to 64'],
    ['concurrency', 'four', '`concurrency` is `four`; write a whole number from 1 to 64'],
    ['concurrency', '99999999999', '`concurrency` is `99999999999`; write a whole number from 1 to 64'],
    [
      'decisions-file',
      'decisions.json',
      '`decisions-file` is `decisions.json`; its name has to end in .ndjson or .csv',
    ],
    [
      'decisions-file',
      'decisions.CSV',
      '`decisions-file` is `decisions.CSV`; its name has to end in .ndjson or .csv',
    ],
    ['now', '30d', '`now` is `30d`; write an instant like 2026-11-21T08:00:00Z, or +30d'],
    ['now', '-30d', '`now` is `-30d`; write an instant like 2026-11-21T08:00:00Z, or +30d'],
    ['now', '+1mo', '`now` is `+1mo`; write an instant like 2026-11-21T08:00:00Z, or +30d'],
    ['now', '+', '`now` is `+`; write an instant like 2026-11-21T08:00:00Z, or +30d'],
    ['now', '2026-02-30', '`now` is `2026-02-30`; write an instant like 2026-11-21T08:00:00Z, or +30d'],
    [
      'now',
      '2026-11-21T08:00:00',
      '`now` is `2026-11-21T08:00:00`; write an instant like 2026-11-21T08:00:00Z, or +30d',
    ],
    ['sizes', 'all', '`sizes` is `all`; write estimate or exact or off'],
    ['comment', 'sometimes', '`comment` is `sometimes`; write auto or always or never'],
    [
      'mirror-registry',
      'mirror.example/backup',
      '`mirror-registry` is no URL like https://harbor.example.com',
    ],
    [
      'mirror-registry',
      'https://mirror.example?x=1',
      '`mirror-registry` has a query or fragment; write scheme, host and path only',
    ],
  ])('%s: %j', (input, text, problem) => {
    expect(problemsOf({ [input]: text })).toEqual([problem])
  })

  test.each(['UP', 'a//b', '/a', 'a/-b', 'a..b', 'a%20b', 'ä', 'a_/b', 'a:b', `a/${'b'.repeat(254)}`])(
    'mirror-registry under %s: no repository can be',
    (path) => {
      const encoded = new URL(`https://mirror.example/${path}`).pathname
      expect(problemsOf({ 'mirror-registry': `https://mirror.example/${path}` })).toEqual([
        expect.stringContaining(
          `\`mirror-registry\` has the path \`${encoded}\`, under which no registry has repositories; write lower-case`,
        ),
      ])
    },
  )

  test('a mirror with credentials in its URL is told which inputs take them', () => {
    expect(problemsOf({ 'mirror-registry': 'https://user:hunter2@mirror.example' })).toEqual([
      '`mirror-registry` has credentials in it; give them as `mirror-username` and `mirror-password`',
    ])
  })
})

// Somebody who asks an apply for a dry run must not get a wet one.
test.each<[given: Given, problem: string]>([
  [
    { command: 'apply', 'dry-run': 'true' },
    '`dry-run` is for `plan` and `restore` and `gc`, and `apply` does nothing by it; leave it out',
  ],
  [{ command: 'apply', now: '+1d' }, '`now` is for `plan`, and `apply` does nothing by it; leave it out'],
  [
    { command: 'apply', only: 'a/b:c' },
    '`only` is for `restore`, and `apply` does nothing by it; leave it out',
  ],
  [{ command: 'gc', list: 'true' }, '`list` is for `restore`, and `gc` does nothing by it; leave it out'],
  [
    { command: 'plan', 'overwrite-tags': 'true' },
    '`overwrite-tags` is for `restore`, and `plan` does nothing by it; leave it out',
  ],
])('%j: %s', (wanted, problem) => {
  expect(problemsOf(wanted)).toEqual([problem])
})

test('all that is wrong is told at once, in the order of the inputs', () => {
  const parsed = parseSettings(
    {
      command: 'destroy',
      'harbor-url': 'nowhere',
      concurrency: 'many',
      'decisions-file': 'x',
      now: 'later',
      'fail-on-changes': 'perhaps',
      sizes: 'large',
      comment: 'loudly',
      'mirror-registry': 'elsewhere',
    },
    NOW,
  )
  const problems = 'problems' in parsed ? parsed.problems : []
  expect(problems.map((problem) => /`([\w-]+)`/.exec(problem)?.[1])).toEqual([
    'destroy',
    'harbor-url',
    'harbor-username',
    'harbor-password',
    'concurrency',
    'decisions-file',
    'now',
    'fail-on-changes',
    'sizes',
    'comment',
    'mirror-registry',
  ])
})

describe('secrets', () => {
  const SECRET = 'hunter2-s3cr3t'

  test('are in no message, whichever input they are wrong in', () => {
    const urls = [
      `https://user:${SECRET}@`,
      `https://user:${SECRET}@h?x`,
      `ftp://user:${SECRET}@h`,
      `https://h/?token=${SECRET}`,
      `https://h#${SECRET}`,
      `//user:${SECRET}@h`,
      `user:${SECRET}@h`,
    ]
    for (const url of urls) {
      const problems = problemsOf({ 'harbor-url': url, 'mirror-registry': url })
      expect(problems).toHaveLength(2)
      expect(problems.join('\n')).not.toContain(SECRET)
    }
  })

  test('are in no message with whatever else is wrong', () => {
    const texts = fc.constantFrom('', 'x', '0', 'yes', 'https://a:b@c', '+1mo')
    const inputs = INPUTS.filter(({ secret }) => secret !== true).map(({ name }) => name)
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...inputs), texts), (others) => {
        const secrets = Object.fromEntries(
          INPUTS.filter(({ secret }) => secret === true).map(({ name }) => [name, SECRET]),
        )
        const parsed = parseSettings({ ...given(), ...others, ...secrets }, NOW)
        if ('problems' in parsed) {
          expect(parsed.problems.length).toBeGreaterThan(0)
          expect(parsed.problems.join('\n')).not.toContain(SECRET)
        }
      }),
    )
  })
})

describe('where GitHub gives no secrets', () => {
  const NONE = { 'harbor-url': '', 'harbor-username': '', 'harbor-password': '' }

  test('a plan does without Harbor', () => {
    const parsed = parseSettings(NONE, 0, true)
    expect(parsed).toHaveProperty('settings.harbor.password', '')
  })

  test.each([{ command: 'apply' }, { command: 'gc' }, { 'harbor-password': 'there-is-one' }])(
    '%j does not',
    (others) => {
      const parsed = parseSettings({ ...NONE, ...others }, 0, true)
      expect('problems' in parsed && parsed.problems[0]).toMatch(/`harbor-url` is missing/)
    },
  )
})
