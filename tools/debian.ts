import { spawnSync } from 'node:child_process'
import process from 'node:process'

/**
 * Makes sure that programs from Debian's packages are there, installing what is missing with apt-get (as root, or
 * by sudo where it asks no password). Ends the process with what to do where that can't work.
 *
 * @param programs program name on the PATH -> Debian package that has it
 */
export function debianPackages(programs: Readonly<Record<string, string>>): void {
  const missing = Object.keys(programs).filter((program) => !onPath(program))
  if (missing.length === 0) return
  const packages = missing.map((program) => programs[program] ?? program)
  console.error(`Installing Debian packages: ${packages.join(' ')} …`)
  const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  const apt = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get']
  if (!run([...apt, 'install', '-y', '--no-install-recommends', ...packages])) {
    run([...apt, 'update'])
    run([...apt, 'install', '-y', '--no-install-recommends', ...packages])
  }
  const still = missing.filter((program) => !onPath(program))
  if (still.length === 0) return
  console.error(`Still missing: ${still.join(', ')}. Install ${packages.join(' ')} and try again.`)
  process.exit(1)
}

function onPath(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0
}

function run(command: readonly string[]): boolean {
  const [program = '', ...args] = command
  return spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
}
