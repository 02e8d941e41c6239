import process from 'node:process'
import type { Run } from '../github/run.ts'
import { logLine } from '../report/escape.ts'
import { COLOURED, PLAIN, type Style } from '../report/style.ts'
import { renderText } from '../report/text.ts'
import type { Host } from './host.ts'

const ROWS = 200

/** A terminal, or whatever the outputs lead to. */
export class Terminal implements Host {
  readonly run: Run | undefined
  readonly #errors = styleOf(process.stderr)
  readonly #moves = process.stderr.isTTY && process.env['TERM'] !== 'dumb'
  #line = ''

  constructor(run?: Run) {
    this.run = run
  }

  say(text: string): void {
    this.#print(text, (line) => this.#errors.dim(line))
  }

  warn(text: string): void {
    this.#print(`warning: ${text}`, (line) => this.#errors.yellow(line))
  }

  complain(text: string, place?: Parameters<Host['complain']>[1]): void {
    const where = place === undefined ? '' : `${place.file}:${place.line}:${place.column}: `
    this.#print(`${where}error: ${text}`, (line) => this.#errors.red(line))
  }

  progress(text: string): void {
    if (!this.#moves) {
      this.say(text)
      return
    }
    this.#line = logLine(text).slice(0, (process.stderr.columns ?? 80) - 1)
    process.stderr.write(`\r\u001B[K${this.#errors.dim(this.#line)}`)
  }

  output(): void {
    // The command line has its exit status and its files.
  }

  report(content: Parameters<Host['report']>[0]): void {
    this.done()
    process.stdout.write(renderText(content, { style: styleOf(process.stdout), rows: ROWS }))
  }

  /** Takes the progress line away. */
  done(): void {
    if (this.#line !== '') process.stderr.write('\r\u001B[K')
    this.#line = ''
  }

  #print(text: string, style: (line: string) => string): void {
    this.done()
    for (const line of text.split('\n')) process.stderr.write(`${style(logLine(line))}\n`)
  }
}

/** https://no-color.org, https://force-color.org */
function styleOf(stream: NodeJS.WriteStream): Style {
  const { NO_COLOR: no = '', FORCE_COLOR: force = '' } = process.env
  if (no !== '') return PLAIN
  return stream.isTTY || force !== '' ? COLOURED : PLAIN
}
