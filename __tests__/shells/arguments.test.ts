import { describe, expect, test } from '@jest/globals'
import { INPUTS } from '../../src/inputs/inputs.ts'
import type { Given } from '../../src/inputs/settings.ts'
import { readArguments, type Read } from '../../src/shells/arguments.ts'
import { VERSION } from '../../src/version.ts'

const SECRET = 'hunter2-s3cr3t'

/** What options and environment come to; the environment has nothing in it unless said otherwise. */
function read(argv: readonly string[], environment: Readonly<NodeJS.ProcessEnv> = {}): Read {
  return readArguments(argv, environment)
}

function givenBy(argv: readonly string[], environment: Readonly<NodeJS.ProcessEnv> = {}): Given {
  const result = read(argv, environment)
  if ('given' in result) return result.given
  throw new Error(JSON.stringify(result))
}

function complaintOf(...argv: readonly string[]): string | undefined {
  const result = read(argv)
  return 'complain' in result ? result.complain : undefined
}

function complaintsOf(argvs: readonly (readonly string[])[]): readonly (string | undefined)[] {
  return argvs.map((argv) => complaintOf(...argv))
}

describe('options', () => {
  // What is on the command line, and what is given by it.
  test.each<[argv: readonly string[], given: Given]>([
    [[], {}],
    [['plan'], { command: 'plan' }],
    [['apply'], { command: 'apply' }],
    [['--policy', 'p.yml'], { policy: 'p.yml' }],
    [['--policy=p.yml'], { policy: 'p.yml' }],
    [['--policy=a=b'], { policy: 'a=b' }],
    [['--policy='], { policy: '' }],
    [['plan', '--policy', 'p.yml', '--sizes', 'exact'], { command: 'plan', policy: 'p.yml', sizes: 'exact' }],
    [['--policy', 'p.yml', 'plan'], { command: 'plan', policy: 'p.yml' }],
    [['--now', '+30d'], { now: '+30d' }],
    [['--harbor-username', 'robot$x'], { 'harbor-username': 'robot$x' }],
    // True or false may stand alone, and then is true.
    [['--fail-on-changes'], { 'fail-on-changes': 'true' }],
    [['--fail-on-changes', 'true'], { 'fail-on-changes': 'true' }],
    [['--fail-on-changes', 'false'], { 'fail-on-changes': 'false' }],
    [['--fail-on-changes=false'], { 'fail-on-changes': 'false' }],
    [['--fail-on-changes=perhaps'], { 'fail-on-changes': 'perhaps' }],
    [['--fail-on-changes', 'plan'], { 'fail-on-changes': 'true', command: 'plan' }],
    [['--fail-on-changes', '--policy', 'x'], { 'fail-on-changes': 'true', policy: 'x' }],
    [
      ['--insecure-skip-tls-verify', '--fail-on-changes'],
      { 'insecure-skip-tls-verify': 'true', 'fail-on-changes': 'true' },
    ],
    [['--', 'plan'], { command: 'plan' }],
    [['--', '--fail-on-changes'], { command: '--fail-on-changes' }],
  ])('%j', (argv, given) => {
    expect(givenBy(argv)).toEqual(given)
  })

  test('there is one for every input that is no secret, under its name', () => {
    for (const { name, secret } of INPUTS.filter((input) => input.name !== 'command')) {
      if (secret !== true) expect(givenBy([`--${name}`, 'true'])).toEqual({ [name]: 'true' })
    }
  })
})

describe('the environment', () => {
  test('stands in for options that were not given', () => {
    const environment = { HARBOR_URL: 'https://harbor.example', HARBOR_USERNAME: 'robot$x' }
    expect(givenBy([], environment)).toEqual({
      'harbor-url': 'https://harbor.example',
      'harbor-username': 'robot$x',
    })
    expect(givenBy(['--harbor-url', 'https://other.example'], environment)).toEqual({
      'harbor-url': 'https://other.example',
      'harbor-username': 'robot$x',
    })
  })

  test('is where secrets come from', () => {
    const environment = { HARBOR_PASSWORD: SECRET, MIRROR_PASSWORD: 'b', GITHUB_TOKEN: 'c' }
    expect(givenBy([], environment)).toEqual({
      'harbor-password': SECRET,
      'mirror-password': 'b',
      'github-token': 'c',
    })
  })

  test('says nothing by other variables, whatever their names are', () => {
    const environment = Object.fromEntries(
      INPUTS.flatMap(({ name }) => [name, `INPUT_${name.toUpperCase()}`]).map((name) => [name, 'x']),
    )
    expect(givenBy([], environment)).toEqual({})
  })
})

describe('secrets as options', () => {
  const SECRETS = INPUTS.filter(({ secret }) => secret === true)

  test.each(SECRETS.map(({ name, variable }) => [name, variable]))(
    '--%s is refused, and %s named',
    (name, variable) => {
      const complaint = `--${name} is a secret, and options are seen by everybody on the machine; set ${variable} in the environment`
      expect(complaintOf(`--${name}`, SECRET)).toBe(complaint)
      expect(complaintOf(`--${name}=${SECRET}`)).toBe(complaint)
      expect(complaintOf('plan', '--policy', 'x', `--${name}=`)).toBe(complaint)
      expect(complaintOf('--help', `--${name}=${SECRET}`)).toBe(complaint)
    },
  )

  // Nearly one: the value is not printed, whatever is said.
  test.each([
    [['--harbor-passwor', SECRET]],
    [[`--harbor-passwor=${SECRET}`]],
    [[`--harbor_password=${SECRET}`]],
    [[`--password=${SECRET}`]],
    [[`--Harbor-Password=${SECRET}`]],
    [['--github-tokn', SECRET]],
  ])('%j is not printed', (argv) => {
    const [complaint] = complaintsOf([argv])
    expect(complaint).toMatch(/^there is no option --[\w-]+/)
    expect(complaint).not.toContain(SECRET)
  })
})

describe('what cannot be read', () => {
  // What is on the command line, and what is said.
  const ROWS: readonly (readonly [argv: readonly string[], complaint: string])[] = [
    [['--polcy', 'x'], 'there is no option --polcy; did you mean --policy?'],
    [['--fail_on_changes'], 'there is no option --fail_on_changes; did you mean --fail-on-changes?'],
    [['--Policy=x'], 'there is no option --Policy; did you mean --policy?'],
    [['--harborUrl', 'x'], 'there is no option --harborUrl; did you mean --harbor-url?'],
    [['--force'], 'there is no option --force'],
    [['--max-deletes', '5'], 'there is no option --max-deletes'],
    [['--__proto__', 'x'], 'there is no option --__proto__'],
    [['plan', 'apply'], 'one command at a time: plan apply'],
    [['--policy'], '--policy needs a value'],
    [
      ['--policy', '--sizes', 'off'],
      '--policy needs a value, and an option follows; a value that starts with a dash is written --policy=-…',
    ],
    [['--policy', 'a', '--policy', 'b'], '--policy is given twice'],
    [['--help=x'], '--help takes no value'],
    [['-p'], 'there is no option -p'],
    [
      ['--comand', 'plan'],
      'there is no option --comand; the command stands without dashes: harbor-dredge plan',
    ],
    [
      ['--command', 'plan'],
      'there is no option --command; the command stands without dashes: harbor-dredge plan',
    ],
    [
      ['--harbor-passwor', 'x'],
      'there is no option --harbor-passwor; a secret? set HARBOR_PASSWORD in the environment',
    ],
    [['--help', '--polcy'], 'there is no option --polcy; did you mean --policy?'],
  ]
  const COMPLAINTS = complaintsOf(ROWS.map(([argv]) => argv))

  test.each(ROWS.map((row, index) => [...row, COMPLAINTS[index]] as const))(
    '%j: %s',
    (_, complaint, said) => {
      expect(said).toBe(complaint)
    },
  )
})

describe('--help and --version', () => {
  const HELP = read(['--help'])
  const TEXT = 'say' in HELP ? HELP.say : ''

  test.each([['--help'], ['-h'], ['plan', '--help'], ['--policy', 'x', '-h']])(
    '%s shows the help',
    (...argv) => {
      expect(read(argv)).toEqual(HELP)
    },
  )

  test.each(INPUTS.filter(({ name }) => name !== 'command').map((input) => [input.name, input] as const))(
    'the help has %s, what it says, its default and its variable',
    (name, { description, default: value, secret, variable }) => {
      const lines = TEXT.split('\n')
      const at = lines.indexOf(`      ${description}`)
      expect(at).toBeGreaterThan(0)
      const words = lines[at - 1] ?? ''
      expect(words.includes(`--${name}`)).toBe(secret !== true)
      expect(words).toContain(variable ?? '')
      expect(words).toContain(value === undefined ? '' : `(${value})`)
    },
  )

  test('the help has the command and what the exit status means, and ends its last line', () => {
    expect(TEXT).toMatch(/^harbor-dredge \[plan \| apply \| restore \| gc\] \[options\]\n/)
    expect(TEXT).toContain(
      'Exit status: 0 done; 1 failed or partly failed; 2 bad policy or usage; 3 changes with --fail-on-changes.',
    )
    expect(TEXT).toMatch(/[^\n]\n$/)
    expect(TEXT).not.toMatch(/undefined|null|[^\S\n]$/m)
  })

  test('--version is one line', () => {
    expect(read(['--version'])).toEqual({ say: `harbor-dredge ${VERSION}\n` })
    expect(read(['--version', '--help'])).toEqual({ say: `harbor-dredge ${VERSION}\n` })
  })
})
