// Two stand-ins with something to copy from one to the other, and programs that pass for skopeo.
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { SkopeoSession, type CopyOutcome, type CopyRequest, type Side } from '../../src/mirror/skopeo.ts'
import type { Skopeo } from '../../src/mirror/skopeo-find.ts'
import { Builder } from '../../stand-in/load/build.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import { access, addRobot } from '../../stand-in/state/robots.ts'

export const SECRET = 'Sup3r+Secret/Wörd"=42'
export const ROBOT = { username: 'robot$team+mover', password: SECRET }
export const ONCE = { attempts: 1, pause: 1, longest: 1 }

export class Lab {
  readonly source: StandIn
  readonly target: StandIn
  /** Where sessions make their folders. */
  readonly temp = mkdtempSync(path.join(tmpdir(), 'dredge-skopeo-test-'))
  /** For everything else. */
  readonly scratch = mkdtempSync(path.join(tmpdir(), 'dredge-skopeo-scratch-'))
  readonly builder: Builder
  readonly image: Artifact
  readonly index: Artifact

  static async start(): Promise<Lab> {
    return new Lab(await startStandIn(), await startStandIn())
  }

  private constructor(source: StandIn, target: StandIn) {
    this.source = source
    this.target = target
    for (const { registry } of [source, target]) {
      registry.addProject({ name: 'team' })
      addRobot(registry, {
        name: 'mover',
        level: 'project',
        secret: SECRET,
        permissions: [
          { kind: 'project', namespace: 'team', access: access('repository:pull repository:push') },
        ],
      })
    }
    this.builder = new Builder(source.registry)
    this.image = this.builder.image('team/app', {
      tags: ['v1'],
      layers: [{ name: 'base', size: 300_000 }, 'app'],
    })
    const images = ['linux/amd64', 'linux/arm64/v8', 'windows/amd64'].map((platform) =>
      this.builder.image('team/multi', { platform, layers: ['shared', platform] }),
    )
    this.index = this.builder.index('team/multi', { tags: ['2.0'], images, attestations: true })
  }

  side({ url }: Pick<StandIn, 'url'>, repository: string): Side {
    return { registry: new URL(url).host, tlsVerify: false, credentials: ROBOT, repository }
  }

  request(to: string, more: Partial<CopyRequest> = {}): CopyRequest {
    const [repository = '', reference = ''] = to.split(':')
    return {
      source: { ...this.side(this.source, 'team/app'), digest: this.image.digest },
      target: { ...this.side(this.target, repository), reference },
      stallMs: 20_000,
      ...more,
    }
  }

  /** In a session of its own, once, unless told otherwise. */
  async copy(skopeo: Skopeo, request: CopyRequest, retry = ONCE): Promise<CopyOutcome> {
    const session = new SkopeoSession(skopeo, { temp: this.temp, retry })
    try {
      return await session.copy(request)
    } finally {
      await session.close()
    }
  }

  /** A script in the place of skopeo. */
  fake(script: string, name = 'skopeo'): Skopeo {
    const folder = mkdtempSync(path.join(this.scratch, 'bin-'))
    const file = path.join(folder, name)
    writeFileSync(file, `#!/bin/sh\n${script}\n`)
    chmodSync(file, 0o755)
    return { path: file, version: '1.9.3' }
  }

  /** What sessions left. */
  left(): readonly string[] {
    return readdirSync(this.temp, { recursive: true }).map(String)
  }

  async close(): Promise<void> {
    await this.source.close()
    await this.target.close()
    rmSync(this.temp, { recursive: true, force: true })
    rmSync(this.scratch, { recursive: true, force: true })
  }
}

/** Waits until something holds. */
export async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries += 1) {
    if (tries > 2000) throw new Error(`waited too long for ${holds.toString()}`)
    await setTimeout(5)
  }
}

/** Processes whose command line or environment has this in it. */
export function processesWith(words: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => [`${pid}/cmdline`, `${pid}/environ`].some((file) => textOf(file).includes(words)))
}

/** Living processes of a group. */
export function processesOf(group: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      // The name of a program, in brackets, may have anything in it; then state, parent, group.
      const [state, , pgrp] = textOf(`${pid}/stat`).split(') ').at(-1)?.split(' ') ?? []
      return Number(pgrp) === group && state !== 'Z'
    })
    .map(Number)
}

function textOf(file: string): string {
  try {
    return readFileSync(`/proc/${file}`, 'utf8')
  } catch {
    return ''
  }
}
