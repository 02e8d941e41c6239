import * as core from '@actions/core'
import { run } from '../commands/run.ts'
import { readRun } from '../github/read-run.ts'
import type { Run } from '../github/run.ts'
import { INPUTS, type InputName, type OutputName } from '../inputs/inputs.ts'
import { logLine } from '../report/escape.ts'
import { renderMarkdown } from '../report/markdown.ts'
import { PLAIN } from '../report/style.ts'
import { renderText } from '../report/text.ts'
import { messageOf } from '../shared/failure.ts'
import type { Host } from './host.ts'

const ROWS = 100
/** GitHub shows ten of a step's error annotations: besides these, how many there are more, and how it ended. */
const ANNOTATIONS = 8

/** The step of a workflow: inputs in, job summary, log, annotations and outputs out. */
export async function runAction(): Promise<void> {
  const given: Partial<Record<InputName, string>> = {}
  for (const { name, secret } of INPUTS) {
    given[name] = core.getInput(name)
    if (secret === true && given[name] !== '') core.setSecret(given[name])
  }
  for (const side of ['harbor', 'mirror'] as const) {
    maskCredentials(given[`${side}-username`] ?? '', given[`${side}-password`] ?? '')
  }
  const where = await readRun(process.env)
  const workflow = new Workflow(where && 'run' in where ? where.run : undefined)
  if (where && 'problem' in where) workflow.warn(where.problem)
  const { status, reason } = await run(given, workflow, Date.now())
  await workflow.done()
  if (status !== 0) core.setFailed(`harbor-dredge ended with \`${reason}\`; what to do stands above`)
}

/** GitHub masks secrets as they are, not what is made of them. */
function maskCredentials(username: string, password: string): void {
  if (password !== '') core.setSecret(Buffer.from(`${username}:${password}`).toString('base64'))
}

class Workflow implements Host {
  readonly run: Run | undefined
  readonly #unshown: string[] = []
  #annotations = 0
  #summary = ''

  constructor(where: Run | undefined) {
    this.run = where
  }

  say(text: string): void {
    for (const line of text.split('\n')) core.info(logLine(line))
  }

  warn(text: string): void {
    core.warning(logLine(text))
  }

  complain(text: string, place?: Parameters<Host['complain']>[1]): void {
    const where = place === undefined ? '' : `${place.file}:${place.line}:${place.column}: `
    this.#annotations += 1
    if (this.#annotations > ANNOTATIONS) {
      this.#unshown.push(`${where}${text}`)
      return
    }
    const lines = text
      .split('\n')
      .map((line) => logLine(line))
      .join('\n')
    core.error(lines, place === undefined ? {} : annotation(place))
  }

  progress(text: string): void {
    this.say(text)
  }

  output(name: OutputName, value: string): void {
    core.setOutput(name, value)
  }

  report(content: Parameters<Host['report']>[0]): void {
    this.#summary = renderMarkdown(content)
    this.say(renderText(content, { style: PLAIN, rows: ROWS }))
  }

  /** Writes what is written at the end of a step. */
  async done(): Promise<void> {
    for (const text of this.#unshown) this.say(text)
    if (this.#unshown.length > 0) core.error(`… and ${this.#unshown.length} more errors, in the log`)
    if (this.#summary === '') return
    try {
      await core.summary.addRaw(this.#summary).write()
    } catch (error) {
      core.warning(`the job summary could not be written: ${messageOf(error)}`)
    }
  }
}

/** Columns make sense to GitHub within one line only. */
function annotation(place: NonNullable<Parameters<Host['complain']>[1]>): core.AnnotationProperties {
  const { file, line, column, endLine, endColumn } = place
  const lines = { title: 'policy', file, startLine: line, endLine }
  return line === endLine ? { ...lines, startColumn: column, endColumn } : lines
}
