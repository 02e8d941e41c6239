// A Harbor with something to archive and something to copy, a real registry to bring it to, and between us and each of
// them somebody who may disturb.
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { afterAll, jest } from '@jest/globals'
import { DEFAULT_RETRY } from '../../src/harbor/retry.ts'
import type { Given } from '../../src/inputs/settings.ts'
import { COPY_RETRY } from '../../src/mirror/skopeo.ts'
import type { Copy, Plan } from '../../src/plan/types.ts'
import { Builder } from '../../stand-in/load/build.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import type { Registry } from '../../stand-in/state/registry.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { ADMIN } from '../helpers/connect.ts'
import { Meddler } from '../helpers/meddler.ts'
import { Folder } from '../helpers/program.ts'
import { daysLater } from '../helpers/registry.ts'
import { Commands, type Commanded } from '../helpers/run.ts'
import { namesIn } from '../apply/honesty.ts'
import { stateOf, type Result } from '../apply/scene.ts'
import { startDockerRegistry, type Authentication, type DockerRegistry } from '../registry/docker-registry.ts'
import { Storage } from './storage.ts'
import { lackingAt, wholeOf, type Whole } from './whole.ts'

export const APP = 'team-a/app'
export const WEB = 'team-b/web/shop'

const POLICY = `version: 1
rules:
  - { name: old, select: { tags: ["old*"] }, archive: always }
  - { name: releases, select: { tags: ["v*"] }, copy: always }
limits: { max-delete-percent: 100, keep-per-repository: 0 }
mirror: { replace: [{ from: "^team-a/", to: "kept/team-a/" }] }
`

/** Where skopeo's files are, of all scenes. */
export const TEMP = mkdtempSync(path.join(tmpdir(), 'dredge-mirror-'))
process.env['RUNNER_TEMP'] = TEMP
afterAll(() => {
  rmSync(TEMP, { recursive: true, force: true })
})

/** What is left of them. */
export function left(): readonly string[] {
  return readdirSync(TEMP, { recursive: true }).map(String)
}

/** More than is sent without skopeo. */
const BIG = 1_300_000

/** Has hardly a pause between tries. */
export function impatient(): void {
  for (const retry of [DEFAULT_RETRY, COPY_RETRY]) {
    jest.replaceProperty(retry, 'pause', 1)
    jest.replaceProperty(retry, 'longest', 5)
  }
}

function fill(registry: Registry): void {
  for (const each of [registry.projects, registry.projectsById, registry.blobs, registry.storage]) {
    each.clear()
  }
  registry.trash.length = 0
  for (const name of ['team-a', 'team-b']) registry.addProject({ name })
  const builder = new Builder(registry)
  const at = (day: number): { readonly pushed: number } => ({ pushed: daysLater(day) })
  const base = { name: 'base', size: 2000 }
  const big = { name: 'big', size: BIG }
  const old = builder.image(APP, { tags: ['old-1', 'old-1a'], layers: [base, 'one'], ...at(1) })
  builder.sign(APP, old.digest, 'sig', daysLater(2))
  const sbom = builder.refer(old, 'application/spdx+json', 'bill of materials', daysLater(3))
  builder.refer(sbom, 'application/vnd.example.note', 'note', daysLater(4))
  const images = ['amd64', 'arm64'].map((platform) =>
    builder.image(APP, { platform: `linux/${platform}`, layers: [base, big, platform], ...at(5) }),
  )
  const index = builder.index(APP, { images, tags: ['old-multi'], attestations: true, ...at(6) })
  builder.refer(index, 'application/vnd.example.note', 'of the index', daysLater(7))
  builder.image(APP, { tags: ['v1', 'stable'], layers: [base, 'stays'], ...at(8) })
  builder.image(APP, { tags: ['old-2', 'old-2a', 'stays'], layers: ['two'], ...at(9) })
  builder.image(APP, { tags: ['other'], layers: ['other'], ...at(10) })
  builder.image(WEB, { tags: ['old-1'], layers: [base, { name: 'web', size: BIG }], ...at(11) })
  builder.image(WEB, { tags: ['v1'], layers: [base, big], docker: true, ...at(12) })
  builder.chart(WEB, { name: 'shop', version: '1.0.0', tags: ['v1-chart'], ...at(13) })
}

/** What a copy has to bring, by the copy. */
type Wanted = ReadonlyMap<Copy, Whole>

export interface SceneOptions {
  readonly authentication?: Authentication
  readonly given?: Given
  readonly policy?: string
  /** Of Harbor's admin. */
  readonly password?: string
}

export class MirrorScene {
  readonly standIn: StandIn
  readonly docker: DockerRegistry
  /** Between us and Harbor. */
  readonly source: Meddler
  /** Between everybody and the mirror. */
  readonly mirror: Meddler
  readonly storage: Storage
  readonly folder = new Folder()
  readonly commands: Commands
  plan!: Plan
  wanted: Wanted = new Map()
  /** Every tag and artifact at Harbor before an apply. */
  before: ReadonlySet<string> = new Set()
  /** The mirror's storage as it is before. */
  #seed = ''

  private constructor(
    { standIn, docker }: { readonly standIn: StandIn; readonly docker: DockerRegistry },
    { source, mirror }: { readonly source: Meddler; readonly mirror: Meddler },
    given: Given,
  ) {
    this.standIn = standIn
    this.docker = docker
    this.source = source
    this.mirror = mirror
    this.storage = new Storage(docker.storage)
    this.commands = new Commands(this.folder, source.url, {
      'mirror-registry': `${mirror.url}/backup`,
      concurrency: '1',
      ...given,
    })
  }

  static async start(options: SceneOptions = {}): Promise<MirrorScene> {
    const { authentication, given = {}, policy = POLICY, password = ADMIN.password } = options
    const standIn = await startStandIn({ adminPassword: password })
    const docker = await startDockerRegistry(authentication)
    const source = await Meddler.start(standIn.url)
    const mirror = await Meddler.start(docker.url)
    const scene = new MirrorScene(
      { standIn, docker },
      { source, mirror },
      { 'harbor-password': password, ...given },
    )
    fill(standIn.registry)
    scene.folder.write('policy.yml', policy)
    await scene.commands.run('plan')
    scene.plan = parseJson<Plan>(scene.folder.read('plan.json'))
    const copies = scene.plan.actions.filter((action) => action.kind === 'copy')
    scene.wanted = new Map(copies.map((copy) => [copy, wholeOf(standIn.registry, copy)]))
    scene.before = namesIn(standIn.registry)
    return scene
  }

  /** What stands at the mirror now stands there before every apply. */
  seed(): void {
    this.#seed = path.join(this.folder.path, 'seed')
    cpSync(this.docker.storage, this.#seed, { recursive: true })
  }

  /** As if nothing had been applied yet, but for what is at the mirror. */
  resetHarbor(): void {
    this.source.reset()
    this.mirror.reset()
    fill(this.standIn.registry)
    this.standIn.resetRequests()
    rmSync(this.commands.at('work'), { recursive: true, force: true })
  }

  /** As if nothing had been applied yet. */
  reset(): void {
    this.resetHarbor()
    // docker-registry keeps nothing in memory, and makes its folder when it needs it.
    rmSync(this.docker.storage, { recursive: true, force: true })
    if (this.#seed !== '') cpSync(this.#seed, this.docker.storage, { recursive: true })
  }

  apply(given: Given = {}): Promise<Commanded> {
    return this.commands.run('apply', { 'plan-id': this.plan.id, ...given })
  }

  /** Everything that a process of its own has to be given to apply. */
  given(more: Given = {}): Given & Readonly<Record<string, string>> {
    return {
      command: 'apply',
      'harbor-url': this.source.url,
      'harbor-username': ADMIN.username,
      'harbor-password': ADMIN.password,
      'mirror-registry': `${this.mirror.url}/backup`,
      policy: this.commands.at('policy.yml'),
      'plan-file': this.commands.at('plan.json'),
      'work-dir': this.commands.at('work'),
      'plan-id': this.plan.id,
      ...more,
    }
  }

  state(): readonly string[] {
    return stateOf(this.standIn.registry)
  }

  get registry(): Registry {
    return this.standIn.registry
  }

  /** What of a copy isn't at the mirror. */
  lacking(copy: Copy): readonly string[] {
    const prefix = `${new URL(this.mirror.url).host}/`
    const whole = this.wanted.get(copy)
    if (whole === undefined || !copy.target.startsWith(prefix)) return ['all of it']
    return lackingAt(this.storage, copy.target.slice(prefix.length), whole)
  }

  result(): Result {
    return parseJson<Result>(this.folder.read('work/result.json'))
  }

  async close(): Promise<void> {
    await this.source.close()
    await this.mirror.close()
    await this.standIn.close()
    await this.docker.close()
    this.folder.remove()
  }
}
