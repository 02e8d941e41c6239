// Runs the example workflows as GitHub does, as far as they use it: jobs in their order, their conditions, environments
// and permissions, artifacts and caches; scripts by bash, harbor-dredge as it is built.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { INPUTS } from '../../src/inputs/inputs.ts'
import { ended, Folder, outputsOf, startAction, type Inputs } from '../helpers/program.ts'
import { interpolate, isWanted, type Context, type Status } from './expressions.ts'
import { Kept, write } from './kept.ts'
import { actionOf, DREDGE, readExample, type Job, type Step } from './workflow.ts'

const REPOSITORY = 'example/registry'

export interface Event {
  readonly name: string
  readonly payload?: Context
  readonly ref?: string
  readonly sha?: string
  readonly inputs?: Readonly<Record<string, string | boolean>>
}

/** What the repository has: its files by path, its variables, and what each environment has. */
export interface Repository {
  readonly files: Record<string, string>
  readonly vars: Inputs
  readonly environments: Readonly<Record<string, { readonly vars: Inputs; readonly secrets: Inputs }>>
  /** Answers of GitHub's API, by path. */
  readonly api: Record<string, unknown>
  /** Inputs that every step of harbor-dredge's gets beside its own. */
  readonly more?: Inputs
}

export interface JobRun {
  readonly result: 'success' | 'failure' | 'skipped'
  readonly name: string
  readonly outputs: Inputs
  /** What its steps printed, and wrote into summaries. */
  readonly log: string
}

interface StepRun {
  readonly ok: boolean
  readonly outputs: Inputs
  readonly log: string
}

/** In which a step runs. */
interface Going {
  readonly folder: Folder
  readonly event: Event
  readonly run: number
  readonly permissions: Job['permissions']
  readonly context: Context
}

export class Runner {
  readonly kept = new Kept()
  readonly #repository: Repository
  #run = 31_000

  constructor(repository: Repository) {
    this.#repository = repository
  }

  /** Runs a workflow to its end. */
  async run(
    name: string,
    event: Event,
  ): Promise<{ readonly run: number; readonly jobs: Readonly<Record<string, JobRun>> }> {
    this.#run += 1
    const run = this.#run
    const { jobs } = readExample(name)
    const { sha = 'f'.repeat(40), ref = 'refs/heads/main' } = event
    const github = {
      event_name: event.name,
      event: event.payload ?? {},
      ref,
      sha,
      run_id: run,
      run_attempt: 1,
      repository: REPOSITORY,
      token: 'ghs_token',
    }
    const done: Record<string, JobRun> = {}
    for (const [id, job] of Object.entries(jobs)) {
      const context = { github, needs: done, inputs: event.inputs ?? {}, vars: this.#repository.vars }
      const status = job.needs === undefined || done[job.needs]?.result === 'success' ? 'success' : 'failure'
      done[id] = isWanted(job.if, context, status)
        ? await this.#runJob(job, event, run, context)
        : { result: 'skipped', name: job.name, outputs: {}, log: '' }
    }
    return { run, jobs: done }
  }

  async #runJob(job: Job, event: Event, run: number, before: Context): Promise<JobRun> {
    const environment = this.#repository.environments[job.environment]
    if (environment === undefined) throw new Error(`there is no environment ${job.environment}`)
    const workspace = new Folder()
    const steps: Record<string, { readonly outputs: Inputs }> = {}
    const vars = { ...this.#repository.vars, ...environment.vars }
    const context = { ...before, vars, secrets: environment.secrets, steps }
    const going: Going = { folder: workspace, event, run, permissions: job.permissions, context }
    let status: Status = 'success'
    let log = ''
    for (const step of job.steps) {
      if (!isWanted(step.if, context, status)) continue
      const did = await this.#runStep(step, going)
      if (!did.ok) status = 'failure'
      if (step.id !== undefined) steps[step.id] = { outputs: did.outputs }
      log += `== ${step.name}\n${did.log}\n`
    }
    workspace.remove()
    const outputs = Object.fromEntries(
      Object.entries(job.outputs).map(([key, value]) => [key, interpolate(value, context)]),
    )
    return { result: status, name: interpolate(job.name, context), outputs, log }
  }

  async #runStep(step: Step, going: Going): Promise<StepRun> {
    const valueOf = (values: Inputs): Inputs =>
      Object.fromEntries(
        Object.entries(values).map(([key, value]) => [key, interpolate(value, going.context)]),
      )
    try {
      if (step.run !== undefined) return this.#script(step.run, valueOf(step.env), going)
      if (actionOf(step) === DREDGE) return await this.#dredge(valueOf(step.with), going)
      return { ok: true, outputs: this.#action(actionOf(step), valueOf(step.with), going), log: '' }
    } catch (error) {
      return { ok: false, outputs: {}, log: String(error) }
    }
  }

  /** An action of GitHub's. @throws Error as it fails, or where it isn't used as it is meant to */
  #action(action: string, input: Inputs, { folder, run, permissions }: Going): Inputs {
    const unknown = Object.keys(input).filter((name) => !(TAKES[action] ?? []).includes(name))
    if (unknown.length > 0) throw new Error(`${action} takes no ${unknown.join(', ')}`)
    const place = { workspace: folder.path, run }
    switch (action) {
      case 'actions/checkout': {
        if (permissions['contents'] !== 'read') throw new Error('the token may not check out')
        for (const [name, content] of Object.entries(this.#repository.files)) {
          write(new Map([[name, Buffer.from(content)]]), folder.path)
        }
        return {}
      }
      case 'actions/upload-artifact': {
        return this.kept.upload(input, place)
      }
      case 'actions/download-artifact': {
        const isAllowed = permissions['actions'] === 'read' && input['github-token'] === 'ghs_token'
        if (input['run-id'] !== undefined && !isAllowed) throw new Error('the token may not read other runs')
        this.kept.download(input, place)
        return {}
      }
      case 'actions/cache/restore': {
        this.kept.restore(input, place)
        return {}
      }
      case 'actions/cache/save': {
        this.kept.save(input, place)
        return {}
      }
      default: {
        throw new Error(`nobody knows the action ${action} here`)
      }
    }
  }

  /** As GitHub does, it fills in defaults; what it doesn't know it would only warn of. */
  async #dredge(input: Inputs, { folder, event }: Going): Promise<StepRun> {
    const all: Record<string, string> = {}
    for (const { name, default: value } of INPUTS) if (value !== undefined) all[name] = value
    Object.assign(all, input, this.#repository.more)
    const { status, stdout, stderr } = await ended(
      startAction(folder, all, { GITHUB_EVENT_NAME: event.name }),
    )
    const log = `${stdout}${stderr}${folder.read('summary.md')}`
    return { ok: status === 0, outputs: outputsOf(folder), log }
  }

  #script(script: string, env: Inputs, { folder, event, run }: Going): StepRun {
    const at = (name: string): string => path.join(folder.path, name)
    const bin = mkdtempSync(path.join(tmpdir(), 'dredge-gh-'))
    for (const name of ['output', 'summary.md']) folder.write(name, '')
    writeFileSync(path.join(bin, 'gh'), GH, { mode: 0o755 })
    mkdirSync(path.join(bin, 'api'))
    for (const [name, answer] of Object.entries(this.#repository.api)) {
      writeFileSync(path.join(bin, 'api', encodeURIComponent(name)), JSON.stringify(answer))
    }
    const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', script], {
      cwd: folder.path,
      encoding: 'utf8',
      env: {
        PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`,
        GITHUB_EVENT_NAME: event.name,
        GITHUB_OUTPUT: at('output'),
        GITHUB_REPOSITORY: REPOSITORY,
        GITHUB_RUN_ID: String(run),
        GITHUB_SHA: event.sha,
        GITHUB_STEP_SUMMARY: at('summary.md'),
        ...env,
      },
    })
    rmSync(bin, { recursive: true })
    const outputs = Object.fromEntries(
      [...folder.read('output').matchAll(/^([\w-]+)=(.*)$/gm)].map(([, name = '', value = '']) => [
        name,
        value,
      ]),
    )
    return { ok: status === 0, outputs, log: `${stdout}${stderr}${readFileSync(at('summary.md'), 'utf8')}` }
  }
}

/** `gh api <path> --jq <filter>`, of answers that lie beside it. */
const GH = `#!/bin/sh
[ "$1 $3" = 'api --jq' ] && [ -n "$GH_TOKEN" ] || exit 4
answer="$(dirname "$0")/api/$(jq -rn --arg path "$2" '$path | @uri')"
[ -e "$answer" ] || { echo "gh: HTTP 404: $2" >&2; exit 1; }
exec jq -r "$4" "$answer"
`

/** What GitHub's actions take, of their versions that the examples name. */
const TAKES: Readonly<Record<string, readonly string[]>> = {
  'actions/checkout': ['persist-credentials', 'fetch-depth'],
  'actions/upload-artifact': [
    'name',
    'path',
    'if-no-files-found',
    'retention-days',
    'overwrite',
    'include-hidden-files',
  ],
  'actions/download-artifact': [
    'name',
    'artifact-ids',
    'path',
    'pattern',
    'merge-multiple',
    'github-token',
    'run-id',
  ],
  'actions/cache/restore': ['path', 'key', 'restore-keys'],
  'actions/cache/save': ['path', 'key'],
}
