// The built action in a repository of a stand-in GitHub, with a stand-in Harbor: as a runner starts it.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import {
  startGitHub,
  type GitHubOptions,
  type LoggedRequest,
  type StandInGitHub,
} from '../../stand-in/github/stand-in.ts'
import type { Pull } from '../../stand-in/github/model.ts'
import type { Repository } from '../../stand-in/github/repository.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import { payload } from '../github/payloads.ts'
import { ADMIN } from '../helpers/connect.ts'
import { ended, Folder, outputsOf, startAction, type Inputs, type Ran } from '../helpers/program.ts'

export const REPOSITORY = 'lagoon-works/registry-policy'
export const POLICY = '.github/harbor-dredge.yml'
export const TOKEN = 'ghs_0123456789abcdefghijklmnopqrstuvwxyz'
export const BOT = 'github-actions[bot]'

export interface Step extends Ran {
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
}

export class OnGitHub {
  readonly harbor: StandIn
  readonly gitHub: StandInGitHub
  readonly repository: Repository
  readonly folder = new Folder()
  #runs = 18_000_000_000

  private constructor(harbor: StandIn, gitHub: StandInGitHub) {
    this.harbor = harbor
    this.gitHub = gitHub
    this.repository = gitHub.state.addRepository(REPOSITORY, { isPrivate: true })
    gitHub.state.addToken(TOKEN, BOT, { contents: 'read', pull_requests: 'write', actions: 'read' })
  }

  static async start(options: GitHubOptions = {}): Promise<OnGitHub> {
    return new OnGitHub(await startStandIn(), await startGitHub(options))
  }

  async close(): Promise<void> {
    await this.harbor.close()
    await this.gitHub.close()
    this.folder.remove()
  }

  /** The run that the next step is in. */
  get nextRun(): number {
    return this.#runs + 1
  }

  open(branch: string, from = REPOSITORY): Pull {
    return this.repository.openPull(branch, { author: this.gitHub.state.account('mika-h'), from })
  }

  /** A step of a run on a pull request, which has its test merge checked out. */
  onPull(pull: Pull, inputs: Inputs = {}, environment: Inputs = {}): Promise<Step> {
    this.#runs += 1
    this.checkOut(pull.mergeCommit ?? '')
    return this.step(
      'pull_request',
      this.#told(pull),
      { sha: pull.mergeCommit ?? '', ref: `refs/pull/${pull.number}/merge` },
      { inputs, environment },
    )
  }

  /** A step of a run on what main is now. */
  onMain(name: string, inputs: Inputs = {}, before = '0'.repeat(40)): Promise<Step> {
    this.#runs += 1
    const sha = this.repository.tip('main')
    this.checkOut(sha)
    const recorded = RECORDED[name] === undefined ? {} : recordedPayload(RECORDED[name])
    const told = name === 'push' ? { ...recorded, before, after: sha, ref: 'refs/heads/main' } : recorded
    return this.step(name, told, { sha, ref: 'refs/heads/main' }, { inputs })
  }

  async step(
    name: string,
    told: object,
    at: { readonly sha: string; readonly ref: string },
    { inputs = {}, environment = {} }: { readonly inputs?: Inputs; readonly environment?: Inputs },
  ): Promise<Step> {
    this.folder.write('event.json', JSON.stringify(told))
    const ran = await ended(
      startAction(
        this.folder,
        {
          'harbor-url': this.harbor.url,
          'harbor-username': ADMIN.username,
          'harbor-password': ADMIN.password,
          'github-token': TOKEN,
          ...inputs,
        },
        {
          GITHUB_API_URL: this.gitHub.url,
          GITHUB_ACTOR: 'mika-h',
          GITHUB_EVENT_NAME: name,
          GITHUB_EVENT_PATH: path.join(this.folder.path, 'event.json'),
          GITHUB_REF: at.ref,
          GITHUB_REPOSITORY: REPOSITORY,
          GITHUB_RUN_ID: String(this.#runs),
          GITHUB_SHA: at.sha,
          ...environment,
        },
      ),
    )
    return { ...ran, outputs: outputsOf(this.folder), summary: this.folder.read('summary.md') }
  }

  /** Texts of the comments on a pull request. */
  comments(number: number): readonly string[] {
    return this.repository.comments.filter((each) => each.number === number).map(({ body }) => body)
  }

  /** What was asked of GitHub since this was last asked, in order, with what was sent. */
  asked(): readonly string[] {
    const asked = this.gitHub.requests.map((request) => lineOf(request))
    this.gitHub.resetRequests()
    return asked
  }

  checkOut(sha: string): void {
    const folder = this.folder.path
    rmSync(path.join(folder, '.github'), { recursive: true, force: true })
    for (const [name, entry] of this.repository.commitAt(sha)?.files ?? []) {
      if (entry.kind !== 'file') continue
      mkdirSync(path.join(folder, path.dirname(name)), { recursive: true })
      writeFileSync(path.join(folder, name), entry.bytes)
    }
  }

  /** A payload as it was recorded, but for what makes it that pull request. */
  #told(pull: Pull): object {
    const isFork = pull.headRepository !== REPOSITORY
    const recorded = recordedPayload(isFork ? 'pull_request.fork' : 'pull_request.synchronize')
    const as = (key: string): object => {
      const { pull_request: known } = recorded
      return isRecord(known) && isRecord(known[key]) ? known[key] : {}
    }
    const repo = { full_name: REPOSITORY }
    const from = pull.headRepository === null ? null : { full_name: pull.headRepository }
    return {
      ...recorded,
      number: pull.number,
      pull_request: {
        ...(isRecord(recorded['pull_request']) ? recorded['pull_request'] : {}),
        number: pull.number,
        html_url: `https://github.com/${REPOSITORY}/pull/${pull.number}`,
        merge_commit_sha: pull.mergeCommit,
        base: { ...as('base'), ref: pull.base, sha: pull.baseSha, repo },
        head: { ...as('head'), ref: pull.headBranch, sha: pull.headSha, repo: from },
      },
    }
  }
}

const RECORDED: Readonly<Record<string, string>> = {
  push: 'push.merge',
  schedule: 'schedule',
  workflow_dispatch: 'workflow_dispatch',
  merge_group: 'merge_group',
  issue_comment: 'issue_comment',
}

function recordedPayload(name: string): Readonly<Record<string, unknown>> {
  return parseJson<Readonly<Record<string, unknown>>>(payload(name))
}

function isRecord(value: unknown): value is Readonly<Record<string, object>> {
  return typeof value === 'object' && value !== null
}

function lineOf({ method, path: asked, body, status }: LoggedRequest): string {
  return [method, asked.replace('/api/v3', ''), ...(body === '' ? [] : [body]), String(status)].join(' ')
}
