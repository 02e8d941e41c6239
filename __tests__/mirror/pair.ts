// A Harbor, and another one that is its mirror.
import { expect } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { Folder } from '../helpers/program.ts'
import { Commands, mirrorAt, type Commanded } from '../helpers/run.ts'

export interface Pair {
  readonly source: StandIn
  readonly target: StandIn
  readonly folder: Folder
  readonly commands: Commands
  /** Of the source. */
  readonly builder: Builder
}

export async function startPair(): Promise<Pair> {
  const source = await startStandIn()
  const target = await startStandIn()
  target.registry.addProject({ name: 'backup' })
  const folder = new Folder()
  const commands = new Commands(folder, source.url, mirrorAt(target.url))
  return { source, target, folder, commands, builder: new Builder(source.registry) }
}

export async function endPair({ source, target, folder }: Pair): Promise<void> {
  await source.close()
  await target.close()
  folder.remove()
}

/**
 * A policy that does something with every tag that begins with a v.
 *
 * @param mirror more of its `mirror`, behind a comma
 */
export function policyText(action: string, mirror = ''): string {
  return `version: 1
rules: [{ name: all, select: { tags: ["v*"] }, ${action}: always }]
limits: { max-delete-percent: 100, keep-per-repository: 0 }
mirror: { stall-timeout: 1m${mirror} }
`
}

export function expectWell({ status, reason, host }: Commanded): void {
  expect([status, reason, host.complained, host.warned]).toEqual([0, '', [], []])
}
