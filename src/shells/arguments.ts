import { parseArgs } from 'node:util'
import { INPUTS, type Input, type InputName } from '../inputs/inputs.ts'
import type { Given } from '../inputs/settings.ts'
import { nearest } from '../policy/suggest.ts'
import { TOOL } from '../version.ts'

export type Read = { readonly given: Given } | { readonly say: string } | { readonly complain: string }

/** Options that say something instead of doing something. */
const SAYING: Readonly<Record<string, () => string>> = {
  version: () => `${TOOL}\n`,
  help: () => usage(),
}

/** Reads options, and from the environment what has no option or wasn't given as one. */
export function readArguments(argv: readonly string[], environment: Readonly<NodeJS.ProcessEnv>): Read {
  const { tokens } = parseArgs({
    args: withValues(argv),
    options: {
      ...Object.fromEntries(OPTIONS.map(({ name }) => [name, { type: 'string' as const }])),
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean' },
    },
    allowPositionals: true,
    // What is wrong is said here, in words that name no value: it may be a secret.
    strict: false,
    tokens: true,
  })
  const given = new Map<string, string>()
  const commands: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') commands.push(token.value)
    if (token.kind !== 'option') continue
    const complaint =
      complaintOf(token) ?? (given.has(token.name) ? `${token.rawName} is given twice` : undefined)
    if (complaint !== undefined) return { complain: complaint }
    given.set(token.name, token.value ?? '')
  }
  const saying = Object.keys(SAYING).find((name) => given.has(name))
  if (saying !== undefined) return { say: SAYING[saying]?.() ?? '' }
  if (commands.length > 1) return { complain: `one command at a time: ${commands.join(' ')}` }
  const read: Partial<Record<InputName, string>> = {}
  for (const { name, variable } of INPUTS) {
    const text = name === 'command' ? commands[0] : (given.get(name) ?? environment[variable ?? ''])
    if (text !== undefined) read[name] = text
  }
  return { given: read }
}

const OPTIONS = INPUTS.filter(({ name, secret }) => secret !== true && name !== 'command')

/** Options that are true or false may stand alone, and then are true. */
function withValues(argv: readonly string[]): string[] {
  const end = argv.indexOf('--')
  return argv.map((arg, index) => {
    const input = end === -1 || index < end ? OPTIONS.find(({ name }) => arg === `--${name}`) : undefined
    const next = argv[index + 1]
    return input?.default === 'false' && next !== 'true' && next !== 'false' ? `${arg}=true` : arg
  })
}

interface OptionToken {
  readonly name: string
  /** With its dashes. */
  readonly rawName: string
  readonly value: string | undefined
  /** Whether the value stands behind a `=`. */
  readonly inlineValue: boolean | undefined
}

/** What is wrong with an option; never with its value in it. */
function complaintOf({ name, rawName, value, inlineValue }: OptionToken): string | undefined {
  if (Object.hasOwn(SAYING, name)) return value === undefined ? undefined : `${rawName} takes no value`
  const input = INPUTS.find((each) => rawName === `--${each.name}`)
  if (input?.secret === true) {
    return `${rawName} is a secret, and options are seen by everybody on the machine; ${elsewhere(input)}`
  }
  if (input === undefined || input.name === 'command') {
    return `there is no option ${rawName}${suggestion(name)}`
  }
  if (value === undefined) return `${rawName} needs a value`
  if (inlineValue !== true && value.startsWith('-')) {
    return `${rawName} needs a value, and an option follows; a value that starts with a dash is written ${rawName}=-…`
  }
  return undefined
}

function suggestion(written: string): string {
  const meant = nearest(
    written,
    INPUTS.map(({ name }) => name),
  )
  const input = INPUTS.find(({ name }) => name === meant)
  if (input === undefined) return ''
  if (input.name === 'command') return '; the command stands without dashes: harbor-dredge plan'
  return input.secret === true ? `; a secret? ${elsewhere(input)}` : `; did you mean --${input.name}?`
}

function elsewhere({ variable = '' }: Input): string {
  return `set ${variable} in the environment`
}

function usage(): string {
  const lines = INPUTS.filter(({ name }) => name !== 'command').map(
    (input) => `  ${optionWords(input)}\n      ${input.description}`,
  )
  return [
    'harbor-dredge [plan | apply | restore | gc] [options]',
    '',
    '  plan     crawls a Harbor, decides every tag by a policy, shows what would go and why; changes nothing',
    '  apply    carries out one plan, as far as it is still true, and nothing else',
    '  restore  puts back what an apply deleted',
    "  gc       runs Harbor's garbage collection; what trash.keep keeps survives it",
    '',
    'Exit status: 0 done; 1 failed or partly failed; 2 bad policy or usage; 3 changes with --fail-on-changes.',
    '',
    ...lines,
    '',
  ].join('\n')
}

function optionWords({ name, default: value, secret, variable }: Input): string {
  const option = secret === true ? '' : `--${name} ${value === 'false' ? '' : '…'}`.trim()
  const environment = variable === undefined ? '' : secret === true ? variable : `or ${variable}`
  return [option, environment, value === undefined ? '' : `(${value})`]
    .filter((part) => part !== '')
    .join(' ')
}
