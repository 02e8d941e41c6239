// Commands in this process, as the shells run them, with everything that they say kept.
import path from 'node:path'
import { run } from '../../src/commands/run.ts'
import type { Outcome } from '../../src/commands/outcome.ts'
import type { Given } from '../../src/inputs/settings.ts'
import type { Content } from '../../src/report/content.ts'
import { PLAIN } from '../../src/report/style.ts'
import { renderText } from '../../src/report/text.ts'
import type { Host } from '../../src/shells/host.ts'
import { ADMIN } from './connect.ts'
import type { Folder } from './program.ts'

export class RecordingHost implements Host {
  readonly said: string[] = []
  readonly warned: string[] = []
  readonly complained: string[] = []
  readonly outputs: Record<string, string> = {}
  content: Content | undefined

  say(text: string): void {
    this.said.push(text)
  }

  warn(text: string): void {
    this.warned.push(text)
  }

  complain(text: string): void {
    this.complained.push(text)
  }

  progress(text: string): void {
    this.said.push(text)
  }

  output(name: string, value: string): void {
    this.outputs[name] = value
  }

  report(content: Content): void {
    this.content = content
  }

  /** The report as a terminal shows it. */
  get text(): string {
    return this.content === undefined ? '' : renderText(this.content, { style: PLAIN, rows: 1000 })
  }
}

export interface Commanded extends Outcome {
  readonly host: RecordingHost
}

/** What a stand-in takes as a mirror: its project `backup`. */
export function mirrorAt(url: string): Given {
  return {
    'mirror-registry': `${url}/backup`,
    'mirror-username': ADMIN.username,
    'mirror-password': ADMIN.password,
  }
}

/** Runs commands on a Harbor, in a folder. */
export class Commands {
  readonly #given: Given
  readonly #folder: Folder

  constructor(folder: Folder, url: string, given: Given = {}) {
    this.#folder = folder
    this.#given = {
      'harbor-url': url,
      'harbor-username': ADMIN.username,
      'harbor-password': ADMIN.password,
      policy: this.at('policy.yml'),
      'plan-file': this.at('plan.json'),
      'work-dir': this.at('work'),
      ...given,
    }
  }

  at(name: string): string {
    return path.join(this.#folder.path, name)
  }

  async run(command: string, given: Given = {}, present = Date.now()): Promise<Commanded> {
    const host = new RecordingHost()
    const outcome = await run({ ...this.#given, command, ...given }, host, present)
    return { ...outcome, host }
  }

  /** Plans, and applies that plan. */
  async planAndApply(given: Given = {}): Promise<Commanded> {
    const { host } = await this.run('plan')
    return this.run('apply', { 'plan-id': host.outputs['plan-id'] ?? '', ...given })
  }
}
