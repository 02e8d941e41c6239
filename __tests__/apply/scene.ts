// A registry with something of everything in it, a plan for it, and what an apply of that plan comes to.
import { rmSync } from 'node:fs'
import { jest } from '@jest/globals'
import { binFolder, readBin, type Bin } from '../../src/bin/bin.ts'
import { DEFAULT_RETRY } from '../../src/harbor/retry.ts'
import type { Given } from '../../src/inputs/settings.ts'
import type { Plan } from '../../src/plan/types.ts'
import { Builder } from '../../stand-in/load/build.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import { ensureTag } from '../../stand-in/state/push.ts'
import type { Registry } from '../../stand-in/state/registry.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { ADMIN } from '../helpers/connect.ts'
import { Folder } from '../helpers/program.ts'
import { daysLater } from '../helpers/registry.ts'
import { Commands, type Commanded } from '../helpers/run.ts'

export const APP = 'team-a/app'
export const WEB = 'team-b/web/shop'
export const EMPTIED = 'team-b/empty-by-then'

export const POLICY = `version: 1
protect: [{ name: kept by a person, labels: [keep] }]
rules:
  - { name: old, select: { tags: ["old*"] }, delete: always }
  - { name: builds, select: { tags: ["b-*"] }, keep: { newest: 2 }, delete: always }
  - { name: leftovers, select: { untagged: true }, delete: { not-pushed-for: 7d } }
limits: { max-delete-percent: 100, keep-per-repository: 0 }
`

/** The same policy with other limits, or a key more. */
export function policyWith(limits: string, more = ''): string {
  return POLICY.replace('keep-per-repository: 0', `keep-per-repository: 0, ${limits}`) + more
}

/** Has hardly a pause between tries. */
export function impatient(): void {
  jest.replaceProperty(DEFAULT_RETRY, 'pause', 1)
  jest.replaceProperty(DEFAULT_RETRY, 'longest', 5)
}

/** Empties a registry, and fills it with the same things every time. */
export function fill(registry: Registry): void {
  for (const each of [registry.projects, registry.projectsById, registry.labels, registry.blobs]) each.clear()
  registry.trash.length = 0
  registry.robots.clear()
  registry.replications.clear()
  registry.configuration.clear()
  for (const name of ['team-a', 'team-b', 'team-c']) registry.addProject({ name })
  const builder = new Builder(registry)
  let day = 0
  const image = (repository: string, ...tags: readonly string[]): Artifact => {
    day += 1
    const layers = ['base', `${repository} ${day}`]
    return builder.image(repository, { tags, pushed: daysLater(day), layers })
  }
  const index = (images: readonly Artifact[], tag: string, attestations = false): Artifact => {
    day += 1
    return builder.index(APP, {
      images,
      attestations,
      tags: tag === '' ? [] : [tag],
      pushed: daysLater(day),
    })
  }
  const old = image(APP, 'old-1')
  image(APP, 'old-2', 'old-2a')
  image(APP, 'old-3', 'stable')
  for (const name of ['b-1', 'b-2', 'b-3', 'b-4']) image(APP, name)
  builder.label(image(APP, 'old-kept'), 'keep')
  builder.sign(APP, old.digest, 'sig', daysLater(40))
  builder.sign(APP, old.digest, 'att', daysLater(41))
  const sbom = builder.sign(APP, old.digest, 'sbom', daysLater(42))
  ensureTag(registry, sbom, 'pinned', daysLater(43))
  const referred = image(APP, 'old-referred')
  const referrer = builder.refer(referred, 'application/vnd.test+json', 'one', daysLater(44))
  builder.refer(referrer, 'application/vnd.test.of+json', 'of one', daysLater(45))
  const child = image(APP, 'old-child')
  const platforms = index([child, image(APP), image(APP)], 'old-platforms', true)
  builder.sign(APP, platforms.digest, 'sig', daysLater(46))
  const inner = index([image(APP), image(APP)], '')
  builder.refer(inner, 'application/vnd.test+json', 'inner', daysLater(47))
  index([inner], 'old-outer')
  index([image(APP, 'old-held'), image(APP)], 'v1')
  const shared = image(APP)
  index([shared], 'old-shared-1')
  index([shared, image(APP)], 'old-shared-2')
  image(APP)
  builder.label(image(APP), 'keep')
  image(WEB, 'old-1')
  image(WEB, 'v1', 'old-2')
  image(WEB, 'v2')
  image(EMPTIED, 'old-1')
  image('team-c/untouched', 'v1')
}

/** Everything in a registry that an apply may or may not change, one line each. */
export function stateOf(registry: Registry): readonly string[] {
  return [...registry.repositories()]
    .flatMap(({ name, pulls, artifacts, tags }) => [
      `${name} pulled ${pulls} times, tags ${[...tags.keys()].toSorted().join(' ')}`,
      ...[...artifacts.values()].map((artifact) => `${name}@${lineOf(artifact)}`),
    ])
    .toSorted()
}

function lineOf(artifact: Artifact): string {
  const { digest, pushed, pulled, tags, labels, references, parents, accessories, accessoryOf } = artifact
  const digests = (each: readonly { readonly digest: string }[]): string =>
    each
      .map((one) => one.digest.slice(7, 15))
      .toSorted()
      .join(' ')
  return [
    digest,
    `pushed ${pushed} pulled ${pulled}`,
    `tags ${tags
      .map((tag) => `${tag.name} ${tag.pushed} ${tag.pulled}`)
      .toSorted()
      .join(', ')}`,
    `labels ${labels.map(({ name }) => name).join(' ')}`,
    `children ${digests(references.map(({ child }) => child))}`,
    `in ${digests(parents.map(({ parent }) => parent))}`,
    `accessories ${digests(accessories.map((accessory) => accessory.artifact))}`,
    `of ${accessoryOf?.subject?.digest ?? ''}`,
  ].join('; ')
}

/** Everything that was deleted with success, by the path that was asked for. */
export function deletesOf({ requests }: Pick<StandIn, 'requests'>): readonly string[] {
  // Of a cut answer to what was done all the same, the log has the user.
  return requests
    .filter(
      ({ method, status, user }) => method === 'DELETE' && (status === 200 || (status === 0 && user !== '')),
    )
    .map(({ path }) => path)
}

/** Requests that may have changed something. */
export function changesOf({ requests }: Pick<StandIn, 'requests'>): readonly string[] {
  return requests
    .filter(({ method }) => method !== 'GET' && method !== 'HEAD')
    .map(({ method, path, status }) => `${method} ${path} ${status}`)
}

/** A filled stand-in, a folder with policy and plan, and the commands. */
export class Scene {
  readonly standIn: StandIn
  readonly folder = new Folder()
  readonly commands: Commands
  plan!: Plan

  private constructor(standIn: StandIn, given: Given) {
    this.standIn = standIn
    this.commands = new Commands(this.folder, standIn.url, given)
  }

  static async start(policy = POLICY, given: Given = {}): Promise<Scene> {
    const scene = new Scene(await startStandIn(), given)
    fill(scene.registry)
    await scene.planAnew(policy)
    return scene
  }

  get registry(): Registry {
    return this.standIn.registry
  }

  async planAnew(policy = POLICY, given: Given = {}, present = Date.now()): Promise<Commanded> {
    this.folder.write('policy.yml', policy)
    const planned = await this.commands.run('plan', given, present)
    this.plan = parseJson<Plan>(this.folder.read('plan.json'))
    this.standIn.resetRequests()
    return planned
  }

  /** As if nothing had been applied yet. */
  reset(): void {
    this.standIn.faults.clear()
    fill(this.registry)
    rmSync(this.commands.at('work'), { recursive: true, force: true })
    this.standIn.resetRequests()
  }

  apply(given: Given = {}, present = Date.now()): Promise<Commanded> {
    return this.commands.run('apply', { 'plan-id': this.plan.id, ...given }, present)
  }

  /** Everything that a process of its own has to be given to apply. */
  given(more: Given = {}): Given {
    return {
      command: 'apply',
      'harbor-url': this.standIn.url,
      'harbor-username': ADMIN.username,
      'harbor-password': ADMIN.password,
      policy: this.commands.at('policy.yml'),
      'plan-file': this.commands.at('plan.json'),
      'work-dir': this.commands.at('work'),
      'plan-id': this.plan.id,
      ...more,
    }
  }

  state(): readonly string[] {
    return stateOf(this.registry)
  }

  bin(): Promise<Bin> {
    return readBin(binFolder(this.commands.at('work')))
  }

  result(): Result {
    return parseJson<Result>(this.folder.read('work/result.json'))
  }

  async close(): Promise<void> {
    await this.standIn.close()
    this.folder.remove()
  }
}

export interface Result {
  readonly format: string
  readonly plan: string
  readonly at: string
  readonly tool: string
  readonly totals: { readonly done: number; readonly skipped: number; readonly failed: number }
  readonly emptied: readonly { readonly name: string; readonly removed: boolean }[]
  readonly results: readonly Told[]
}

export interface Told {
  readonly kind: string
  readonly repository: string
  readonly digest: string
  readonly tags: readonly string[]
  readonly outcome: 'done' | 'skipped' | 'failed'
  readonly why: string
  readonly earlier: boolean
}
