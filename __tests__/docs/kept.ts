// What runs leave with GitHub: artifacts and caches, as upload-artifact, download-artifact and cache do it.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'

type Files = ReadonlyMap<string, Buffer>
type With = Readonly<Record<string, string>>

export interface Artifact {
  readonly id: number
  readonly run: number
  readonly name: string
  readonly files: Map<string, Buffer>
}

/** Where a step runs. */
export interface Place {
  readonly workspace: string
  readonly run: number
}

export class Kept {
  readonly artifacts: Artifact[] = []
  /** By key, the newest last. */
  readonly caches = new Map<string, Files>()

  /** @throws Error as the action fails */
  upload(input: With, { workspace, run }: Place): Record<string, string> {
    const { name = 'artifact' } = input
    const paths = (input['path'] ?? '').split('\n').filter((line) => line !== '')
    const [first = '', ...others] = paths.map((each) => path.join(workspace, each))
    // The folder itself where it is one folder, else what all of them are in.
    const root = others.length === 0 && existsSync(first) && statSync(first).isDirectory() ? first : workspace
    const files = new Map(
      paths
        .flatMap((each) => [...filesIn(path.join(workspace, each), root)])
        .filter(([file]) => {
          const hidden = path
            .relative(workspace, path.join(root, file))
            .split(path.sep)
            .some((part) => part.startsWith('.'))
          return input['include-hidden-files'] === 'true' || !hidden
        }),
    )
    if (files.size === 0) {
      if (input['if-no-files-found'] === 'error') throw new Error(`no files found: ${paths.join(', ')}`)
      return {}
    }
    const older = this.artifacts.findIndex((each) => each.run === run && each.name === name)
    if (older !== -1 && input['overwrite'] !== 'true') throw new Error(`there is an artifact ${name} already`)
    if (older !== -1) this.artifacts.splice(older, 1)
    const id = this.artifacts.length + 7001
    this.artifacts.push({ id, run, name, files })
    return { 'artifact-id': String(id) }
  }

  /** @throws Error as the action fails */
  download(input: With, { workspace, run }: Place): void {
    const from = Number(input['run-id'] ?? run)
    const { 'artifact-ids': ids, name, pattern } = input
    const found = this.artifacts.filter((each) => {
      if (ids !== undefined) return ids === String(each.id)
      if (pattern !== undefined) return each.run === from && each.name.startsWith(pattern.replace(/\*$/, ''))
      return each.run === from && each.name === name
    })
    if (found.length === 0 && pattern === undefined) {
      throw new Error(`artifact not found: ${ids ?? name ?? ''}`)
    }
    for (const { name: folder, files } of found) {
      const apart = pattern !== undefined && input['merge-multiple'] !== 'true'
      write(files, path.join(workspace, input['path'] ?? '', apart ? folder : ''))
    }
  }

  restore(input: With, { workspace }: Place): void {
    const { key = '', path: folder = '' } = input
    const prefixes = (input['restore-keys'] ?? '').split('\n').filter((line) => line !== '')
    const older = [...this.caches.keys()].findLast((each) =>
      prefixes.some((prefix) => each.startsWith(prefix)),
    )
    const files = this.caches.get(this.caches.has(key) ? key : (older ?? ''))
    if (files !== undefined) write(files, path.join(workspace, folder))
  }

  /** What isn't there isn't saved, with a warning; nor is what was saved under that key before. */
  save(input: With, { workspace }: Place): void {
    const { key = '', path: folder = '' } = input
    const root = path.join(workspace, folder)
    if (existsSync(root) && !this.caches.has(key)) this.caches.set(key, filesIn(root, root))
  }
}

/** Files at or below a path, by their names below a root. */
function filesIn(start: string, root: string): Files {
  if (!existsSync(start)) return new Map()
  const names = statSync(start).isDirectory()
    ? readdirSync(start, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name))
    : [start]
  return new Map(names.map((name) => [path.relative(root, name), readFileSync(name)]))
}

export function write(files: Files, folder: string): void {
  for (const [name, content] of files) {
    const file = path.join(folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, content)
  }
}
