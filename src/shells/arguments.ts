import { parseArgs } from 'node:util'
import { INPUTS, type Input, type InputName } from '../inputs/inputs.ts'
import type { Given } from '../inputs/settings.ts'
import { nearest } from '../policy/suggest.ts'
import { messageOf } from '../shared/failure.ts'
import { VERSION } from '../version.ts'

export type Read = { readonly given: Given } | { readonly say: string } | { readonly complain: string }

type Values = Readonly<Record<string, string | boolean | undefined>>

/** Reads options, and from the environment what has no option or wasn't given as one. */
export function readArguments(argv: readonly string[], environment: Readonly<NodeJS.ProcessEnv>): Read {
  const secret = INPUTS.find(
    ({ name, secret: isSecret }) =>
      isSecret === true && argv.some((arg) => arg.split('=')[0] === `--${name}`),
  )
  if (secret !== undefined) {
    const where = `set ${secret.variable ?? ''} in the environment`
    return {
      complain: `--${secret.name} is a secret, and options are seen by everybody on the machine; ${where}`,
    }
  }
  const options = Object.fromEntries(
    INPUTS.filter(({ secret: isSecret, name }) => isSecret !== true && name !== 'command').map(({ name }) => [
      name,
      { type: 'string' as const },
    ]),
  )
  try {
    const { values, positionals }: { values: Values; positionals: string[] } = parseArgs({
      args: argv.flatMap((arg, index) => withValue(arg, argv[index + 1])),
      options: { ...options, help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } },
      allowPositionals: true,
    })
    if (values['version'] === true) return { say: `harbor-dredge ${VERSION}\n` }
    if (values['help'] === true) return { say: usage() }
    if (positionals.length > 1) return { complain: `one command at a time: ${positionals.join(' ')}` }
    const given: Partial<Record<InputName, string>> = {}
    for (const { name, variable } of INPUTS) {
      const value = name === 'command' ? positionals[0] : values[name]
      const text = typeof value === 'string' ? value : environment[variable ?? '']
      if (text !== undefined) given[name] = text
    }
    return { given }
  } catch (error) {
    return { complain: complaintOf(error) }
  }
}

/** Options that are true or false may stand alone, and then are true. */
function withValue(arg: string, next: string | undefined): readonly string[] {
  const input = INPUTS.find(({ name }) => arg === `--${name}`)
  return input?.default === 'false' && next !== 'true' && next !== 'false' ? [`${arg}=true`] : [arg]
}

function complaintOf(error: unknown): string {
  const message = messageOf(error)
  const [, unknown] = /^Unknown option '--([^']+)'/.exec(message) ?? []
  if (unknown === undefined) return message
  const meant = nearest(
    unknown,
    INPUTS.map(({ name }) => name),
  )
  return `there is no option --${unknown}${meant === undefined ? '' : `; did you mean --${meant}?`}`
}

function usage(): string {
  const lines = INPUTS.filter(({ name }) => name !== 'command').map(
    (input) => `  ${optionWords(input)}\n      ${input.description}`,
  )
  return [
    'harbor-dredge plan [options]',
    '',
    'Crawls a Harbor, decides every tag by a policy, and shows what a clean-up would delete and why. Changes nothing.',
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
