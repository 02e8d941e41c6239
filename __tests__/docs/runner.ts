// Runs the example workflows as GitHub does, as far as they use it: jobs in their order, their conditions, environments
// and permissions, artifacts and caches; scripts by bash, harbor-dredge as it is built, in a repository of a stand-in
// GitHub.
import { spawn } from 'node:child_process'
import path from 'node:path'
import process from 'node:process'
import { INPUTS } from '../../src/inputs/inputs.ts'
import type { Rights } from '../../stand-in/github/model.ts'
import type { Repository } from '../../stand-in/github/repository.ts'
import type { StandInGitHub } from '../../stand-in/github/stand-in.ts'
import { ended, Folder, outputsOf, startAction, type Inputs } from '../helpers/program.ts'
import { REPOSITORY, type Event } from './event.ts'
import { interpolate, isWanted, type Context, type Status } from './expressions.ts'
import { Gh, type RunToTell } from './gh.ts'
import { Kept, write } from './kept.ts'
import { actionOf, DREDGE, readExample, type Job, type Step } from './workflow.ts'

const BOT = 'github-actions[bot]'

/** What is set up in the repository. */
export interface Setup {
  readonly vars: Inputs
  readonly environments: Readonly<Record<string, { readonly vars: Inputs; readonly secrets: Inputs }>>
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
  readonly environment: Inputs
  readonly run: number
  readonly permissions: Job['permissions']
  readonly context: Context
}

export class Runner {
  readonly kept = new Kept()
  readonly repository: Repository
  readonly #gitHub: StandInGitHub
  readonly #setup: Setup
  readonly #runs: RunToTell[] = []
  #run = 31_000

  constructor(gitHub: StandInGitHub, setup: Setup) {
    this.#gitHub = gitHub
    this.#setup = setup
    this.repository =
      gitHub.state.repository(REPOSITORY) ?? gitHub.state.addRepository(REPOSITORY, { isPrivate: true })
  }

  get nextRun(): number {
    return this.#run + 1
  }

  /** Runs a workflow to its end. */
  async run(
    name: string,
    event: Event,
  ): Promise<{ readonly run: number; readonly jobs: Readonly<Record<string, JobRun>> }> {
    this.#run += 1
    const run = this.#run
    const { jobs } = readExample(name)
    const { sha = this.repository.tip('main'), ref = 'refs/heads/main' } = event
    const github = {
      event_name: event.name,
      event: event.payload ?? {},
      ref,
      sha,
      run_id: run,
      run_attempt: 1,
      repository: REPOSITORY,
    }
    const done: Record<string, JobRun> = {}
    for (const [id, job] of Object.entries(jobs)) {
      const token = `ghs_${run}_${id}`
      this.#gitHub.state.addToken(token, BOT, rightsOf(job))
      const context = {
        github: { ...github, token },
        needs: done,
        inputs: event.inputs ?? {},
        vars: this.#setup.vars,
      }
      const status = job.needs === undefined || done[job.needs]?.result === 'success' ? 'success' : 'failure'
      done[id] = isWanted(job.if, context, status)
        ? await this.#runJob(job, { ...event, sha, ref }, run, context)
        : { result: 'skipped', name: job.name, outputs: {}, log: '' }
    }
    const ok = Object.values(done).every(({ result }) => result !== 'failure')
    const { head = sha, from = REPOSITORY } = event
    this.#runs.push({ workflow: name, event: event.name, head, from, id: run, ok })
    return { run, jobs: done }
  }

  async #runJob(
    job: Job,
    event: Event & { readonly sha: string; readonly ref: string },
    run: number,
    before: Context,
  ): Promise<JobRun> {
    const environment = this.#setup.environments[job.environment]
    if (environment === undefined) throw new Error(`there is no environment ${job.environment}`)
    const [folder, around] = [new Folder(), new Folder()]
    const steps: Record<string, { readonly outputs: Inputs }> = {}
    const vars = { ...this.#setup.vars, ...environment.vars }
    const context = { ...before, vars, secrets: environment.secrets, steps }
    around.write('event.json', JSON.stringify(event.payload ?? {}))
    const variables = {
      GITHUB_ACTOR: 'mika-h',
      GITHUB_API_URL: this.#gitHub.url,
      GITHUB_EVENT_NAME: event.name,
      GITHUB_EVENT_PATH: path.join(around.path, 'event.json'),
      GITHUB_REF: event.ref,
      GITHUB_REPOSITORY: REPOSITORY,
      GITHUB_RUN_ID: String(run),
      GITHUB_SHA: event.sha,
    }
    const going: Going = { folder, event, environment: variables, run, permissions: job.permissions, context }
    let status: Status = 'success'
    let log = ''
    for (const step of job.steps) {
      if (!isWanted(step.if, context, status)) continue
      const did = await this.#runStep(step, going)
      if (!did.ok) status = 'failure'
      if (step.id !== undefined) steps[step.id] = { outputs: did.outputs }
      log += `== ${step.name}\n${did.log}\n`
    }
    folder.remove()
    around.remove()
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
      if (step.run !== undefined) return await this.#script(step.run, valueOf(step.env), going)
      if (actionOf(step) === DREDGE) return await this.#dredge(valueOf(step.with), going)
      return { ok: true, outputs: this.#action(actionOf(step), valueOf(step.with), going), log: '' }
    } catch (error) {
      return { ok: false, outputs: {}, log: String(error) }
    }
  }

  /** An action of GitHub's. @throws Error as it fails, or where it isn't used as it is meant to */
  #action(action: string, input: Inputs, { folder, event, run, permissions, context }: Going): Inputs {
    const unknown = Object.keys(input).filter((name) => !(TAKES[action] ?? []).includes(name))
    if (unknown.length > 0) throw new Error(`${action} takes no ${unknown.join(', ')}`)
    const place = { workspace: folder.path, run }
    switch (action) {
      case 'actions/checkout': {
        if (permissions['contents'] !== 'read') throw new Error('the token may not check out')
        for (const [name, entry] of this.repository.commitAt(event.sha ?? '')?.files ?? []) {
          if (entry.kind === 'file') write(new Map([[name, entry.bytes]]), folder.path)
        }
        return {}
      }
      case 'actions/upload-artifact': {
        return this.kept.upload(input, place)
      }
      case 'actions/download-artifact': {
        const isAllowed =
          permissions['actions'] === 'read' &&
          input['github-token'] === interpolate('${{ github.token }}', context)
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
  async #dredge(input: Inputs, { folder, environment, context }: Going): Promise<StepRun> {
    const all: Record<string, string> = {}
    for (const { name, default: value, expression } of INPUTS) {
      if (value !== undefined) all[name] = value
      if (expression !== undefined) all[name] = interpolate(expression, context)
    }
    Object.assign(all, input, this.#setup.more)
    const { status, stdout, stderr } = await ended(startAction(folder, all, environment))
    const log = `${stdout}${stderr}${folder.read('summary.md')}`
    return { ok: status === 0, outputs: outputsOf(folder), log }
  }

  async #script(script: string, env: Inputs, { folder, environment }: Going): Promise<StepRun> {
    const gh = new Gh(REPOSITORY, this.#runs)
    for (const name of ['output', 'summary.md']) folder.write(name, '')
    const shell = spawn('bash', ['-e', '-c', script], {
      cwd: folder.path,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: `${gh.folder}${path.delimiter}${process.env['PATH'] ?? ''}`,
        GITHUB_OUTPUT: path.join(folder.path, 'output'),
        GITHUB_STEP_SUMMARY: path.join(folder.path, 'summary.md'),
        ...environment,
        ...env,
      },
    })
    const { status, stdout, stderr } = await ended(shell)
    gh.remove()
    const outputs = Object.fromEntries(
      [...folder.read('output').matchAll(/^([\w-]+)=(.*)$/gm)].map(([, name = '', value = '']) => [
        name,
        value,
      ]),
    )
    return { ok: status === 0, outputs, log: `${stdout}${stderr}${folder.read('summary.md')}` }
  }
}

function rightsOf({ permissions }: Job): Rights {
  const names = ['contents', 'pull-requests', 'actions'] as const
  return Object.fromEntries(
    names
      .filter((name) => permissions[name] !== undefined)
      .map((name) => [name.replace('-', '_'), permissions[name]]),
  )
}

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
