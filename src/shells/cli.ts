import process from 'node:process'
import { readRun } from '../github/read-run.ts'
import { run } from '../commands/run.ts'
import { readArguments } from './arguments.ts'
import { Terminal } from './terminal.ts'

/** The command line: options and environment in, report on the standard output, everything else on the error output. */
export async function runCli(argv: readonly string[]): Promise<void> {
  const read = readArguments(argv, process.env)
  if ('say' in read) {
    process.stdout.write(read.say)
  } else if ('complain' in read) {
    process.stderr.write(`${read.complain}\nharbor-dredge --help lists the options.\n`)
    process.exitCode = 2
  } else {
    const where = await readRun(process.env)
    const terminal = new Terminal(where && 'run' in where ? where.run : undefined)
    if (where && 'problem' in where) terminal.warn(where.problem)
    const { status } = await run(read.given, terminal, Date.now())
    terminal.done()
    process.exitCode = status
  }
}
