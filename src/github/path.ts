import { access } from 'node:fs/promises'
import path from 'node:path'

/**
 * The path of a file in the repository that it is checked out of: under the folder with `.git`, or, since checkouts
 * can be without, under the workspace.
 *
 * @returns undefined for a file in neither
 */
export async function pathInRepository(file: string, workspace: string): Promise<string | undefined> {
  const absolute = path.resolve(file)
  for (let folder = path.dirname(absolute); ; folder = path.dirname(folder)) {
    if (await exists(path.join(folder, '.git'))) return relativeTo(folder, absolute)
    if (folder === path.dirname(folder)) break
  }
  return workspace === '' ? undefined : relativeTo(path.resolve(workspace), absolute)
}

function relativeTo(folder: string, file: string): string | undefined {
  const relative = path.relative(folder, file)
  const isIn = relative !== '' && relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative)
  return isIn ? relative.split(path.sep).join('/') : undefined
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
