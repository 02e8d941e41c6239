import { parseDuration } from '../shared/duration.ts'
import { parseInstant, type Instant } from '../shared/instant.ts'
import { isRepositoryName } from '../shared/repository.ts'
import { INPUTS, type InputName } from './inputs.ts'

/** What a run was told, checked. */
export interface Settings {
  readonly command: Command
  readonly policy: string
  readonly harbor: {
    /** Scheme, host and path, without a slash at the end. */
    readonly url: string
    readonly username: string
    readonly password: string
    readonly caFile: string | undefined
    readonly insecureSkipTlsVerify: boolean
  }
  readonly concurrency: number
  readonly planFile: string
  /** The plan that was approved; empty when none was given. */
  readonly planId: string
  readonly decisionsFile: { readonly path: string; readonly format: 'ndjson' | 'csv' } | undefined
  readonly workDir: string
  /** The moment to plan for, when it isn't the present. */
  readonly now: Instant | undefined
  readonly failOnChanges: boolean
  readonly sizes: 'estimate' | 'exact' | 'off'
  /** Look, and change nothing. */
  readonly dryRun: boolean
  /** What `restore` puts back, as it was written; everything if empty. */
  readonly only: readonly string[]
  readonly list: boolean
  readonly overwriteTags: boolean
  readonly comment: 'auto' | 'always' | 'never'
  readonly github: {
    /** Empty where there is none. */
    readonly token: string
  }
  readonly mirror: {
    /** Scheme, host and path prefix, without a slash at the end; empty when there is none. */
    readonly url: string
    /** Host and path prefix, with a slash at the end; empty when there is none. */
    readonly prefix: string
    /** Nobody's when it is empty. */
    readonly username: string
    readonly password: string
    readonly caFile: string | undefined
    readonly insecureSkipTlsVerify: boolean
  }
}

/** What was given for each input; absent and empty are the same. */
export type Given = Readonly<Partial<Record<InputName, string>>>

export type ParsedSettings = { readonly settings: Settings } | { readonly problems: readonly string[] }

/** As far as instants can be written with four digits for the year (RFC 3339). */
const LATEST = parseInstant('9999-12-31T00:00:00Z') ?? 0

export type Command = (typeof COMMANDS)[number]

const COMMANDS = ['plan', 'apply', 'restore', 'gc'] as const
/** Inputs that some commands can't do by. */
const MEANT_FOR: Readonly<Partial<Record<InputName, readonly Command[]>>> = {
  'dry-run': ['plan', 'restore', 'gc'],
  now: ['plan'],
  only: ['restore'],
  list: ['restore'],
  'overwrite-tags': ['restore'],
}
const COMMANDS_TO_COME = new Set(['check', 'explain', 'inventory', 'import'])

/**
 * Checks what a run was told.
 *
 * @param present the moment that `now: +30d` counts from
 * @param lacksSecrets whether this is where secrets aren't given, and a plan may do without Harbor
 * @returns the settings, or everything that is wrong with them; never with a secret in it
 */
export function parseSettings(given: Given, present: Instant, lacksSecrets = false): ParsedSettings {
  const reader = new Reader(given, lacksSecrets)
  const settings: Settings = {
    command: reader.command(),
    policy: reader.text('policy'),
    harbor: {
      url: reader.url('harbor-url'),
      username: reader.required('harbor-username'),
      password: reader.required('harbor-password'),
      caFile: reader.optional('ca-file'),
      insecureSkipTlsVerify: reader.flag('insecure-skip-tls-verify'),
    },
    concurrency: reader.count('concurrency', 64),
    planFile: reader.text('plan-file'),
    planId: reader.text('plan-id'),
    decisionsFile: reader.decisionsFile(),
    workDir: reader.text('work-dir'),
    now: reader.now(present),
    failOnChanges: reader.flag('fail-on-changes'),
    sizes: reader.choice('sizes', ['estimate', 'exact', 'off']),
    dryRun: reader.flag('dry-run'),
    only: reader.list('only'),
    list: reader.flag('list'),
    overwriteTags: reader.flag('overwrite-tags'),
    comment: reader.choice('comment', ['auto', 'always', 'never']),
    github: { token: reader.text('github-token') },
    mirror: reader.mirror(),
  }
  reader.onlyFor(settings.command)
  return reader.problems.length > 0 ? { problems: reader.problems } : { settings }
}

/** Reads inputs one by one and notes down what is wrong; what it returns then is never used. */
class Reader {
  readonly problems: string[] = []
  readonly #given: Given
  /** Whether nothing is amiss where Harbor and an account are. */
  readonly #offline: boolean

  constructor(given: Given, lacksSecrets: boolean) {
    this.#given = given
    this.#offline = lacksSecrets && this.text('harbor-password') === '' && this.text('command') === 'plan'
  }

  optional(name: InputName): string | undefined {
    const written = this.#given[name]?.trim() ?? ''
    return written === '' ? INPUTS.find((input) => input.name === name)?.default : written
  }

  text(name: InputName): string {
    return this.optional(name) ?? ''
  }

  required(name: InputName): string {
    const text = this.optional(name)
    if (text !== undefined) return text
    if (this.#offline) return ''
    const variable = INPUTS.find((input) => input.name === name)?.variable
    const also = variable === undefined ? '' : ` (on the command line: ${variable} in the environment)`
    this.problems.push(`\`${name}\` is missing${also}; secrets are empty on pull requests from forks`)
    return ''
  }

  command(): Command {
    const written = this.text('command')
    const command = COMMANDS.find((each) => each === written)
    if (command !== undefined) return command
    const known = COMMANDS.map((each) => `\`${each}\``).join(', ')
    this.problems.push(
      COMMANDS_TO_COME.has(written)
        ? `the command \`${written}\` comes with a later version; this one has ${known}`
        : `there is no command \`${written}\`; this version has ${known}`,
    )
    return 'plan'
  }

  /** What a command takes no notice of would be taken for a promise: an apply with `dry-run` must not delete. */
  onlyFor(command: Command): void {
    for (const [name, commands] of Object.entries(MEANT_FOR)) {
      const input = INPUTS.find((each) => each.name === name)
      if (
        input === undefined ||
        commands.includes(command) ||
        this.text(input.name) === (input.default ?? '')
      ) {
        continue
      }
      const meant = commands.map((each) => `\`${each}\``).join(' and ')
      this.problems.push(`\`${name}\` is for ${meant}, and \`${command}\` does nothing by it; leave it out`)
    }
  }

  list(name: InputName): readonly string[] {
    return this.text(name)
      .split(/[\n,]/)
      .map((item) => item.trim())
      .filter((item) => item !== '')
  }

  flag(name: InputName): boolean {
    return this.choice(name, ['true', 'false']) === 'true'
  }

  choice<const Choice extends string>(
    name: InputName,
    choices: readonly [Choice, ...Choice[]],
    why = '',
  ): Choice {
    const text = this.text(name)
    const chosen = choices.find((choice) => choice === text)
    if (chosen !== undefined) return chosen
    const reason = why === '' ? '' : ` (${why})`
    this.problems.push(`\`${name}\` is \`${text}\`; write ${choices.join(' or ')}${reason}`)
    return choices[0]
  }

  count(name: InputName, most: number): number {
    const text = this.text(name)
    const count = /^\d{1,4}$/.test(text) ? Number(text) : 0
    if (count < 1 || count > most) {
      this.problems.push(`\`${name}\` is \`${text}\`; write a whole number from 1 to ${most}`)
    }
    return count
  }

  /** A URL of scheme, host and path. Credentials in it would be printed and stored; they are told apart, unshown. */
  url(name: InputName): string {
    const text = this.required(name)
    if (text === '') return ''
    const url = URL.canParse(text) ? new URL(text) : undefined
    if (url === undefined || !/^https?:$/.test(url.protocol)) {
      this.problems.push(`\`${name}\` is no URL like https://harbor.example.com`)
    } else if (url.username !== '' || url.password !== '') {
      this.problems.push(
        `\`${name}\` has credentials in it; give them as ${['username', 'password'].map((part) => `\`${name.replace(/url|registry/, part)}\``).join(' and ')}`,
      )
    } else if (url.search !== '' || url.hash !== '') {
      this.problems.push(`\`${name}\` has a query or fragment; write scheme, host and path only`)
    } else {
      return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
    }
    return ''
  }

  decisionsFile(): Settings['decisionsFile'] {
    const path = this.optional('decisions-file')
    if (path === undefined) return undefined
    const [, format] = /\.(ndjson|csv)$/.exec(path) ?? []
    if (format === 'ndjson' || format === 'csv') return { path, format }
    this.problems.push(`\`decisions-file\` is \`${path}\`; its name has to end in .ndjson or .csv`)
    return undefined
  }

  now(present: Instant): Instant | undefined {
    const text = this.optional('now')
    if (text === undefined) return undefined
    const ahead = text.startsWith('+') ? parseDuration(text.slice(1)) : undefined
    const instant = ahead === undefined ? parseInstant(text) : present + ahead
    if (instant === undefined || instant > LATEST) {
      this.problems.push(`\`now\` is \`${text}\`; write an instant like 2026-11-21T08:00:00Z, or +30d`)
    }
    return instant
  }

  mirror(): Settings['mirror'] {
    const url = this.optional('mirror-registry') === undefined ? '' : this.url('mirror-registry')
    if (url !== '') this.#mirrorPath(url)
    const [username, password] = [this.text('mirror-username'), this.text('mirror-password')]
    if ((username === '') !== (password === '')) {
      this.problems.push('`mirror-username` and `mirror-password` go together; give both, or none')
    }
    return {
      url,
      prefix: url === '' ? '' : `${url.replace(/^https?:\/\//, '')}/`,
      username,
      password,
      caFile: this.optional('mirror-ca-file'),
      insecureSkipTlsVerify: this.flag('mirror-insecure-skip-tls-verify'),
    }
  }

  /** Names of repositories begin with it: what couldn't begin one is refused by skopeo, after small images went there. */
  #mirrorPath(url: string): void {
    const path = new URL(url).pathname.slice(1)
    if (path === '' || isRepositoryName(path)) return
    this.problems.push(
      `\`mirror-registry\` has the path \`/${path}\`, under which no registry has repositories; write lower-case letters and digits, with \`.\`, \`_\`, \`__\` or \`-\` between them and single slashes between the parts, 255 characters at most`,
    )
  }
}
