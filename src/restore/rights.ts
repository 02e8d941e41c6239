import type { Harbor } from '../harbor/harbor.ts'
import { HarborError } from '../harbor/errors.ts'
import { projectOf } from '../shared/repository.ts'
import type { Look } from './look.ts'
import type { Checked, Step } from './types.ts'

/** What a robot is given, by the words of Harbor's own pages. */
const RIGHTS = {
  'repository:push': 'Push Repository',
  'tag:create': 'Create Tag',
  'artifact-label:create': 'Create Artifact Label',
} as const

export type Right = keyof typeof RIGHTS

export interface MissingRights {
  readonly project: string
  readonly rights: readonly Right[]
  /** As what they are given. */
  readonly words: string
}

/** Which rights the account lacks for what is to be done, project by project. What Harbor doesn't say isn't missing. */
export async function missingRights(
  harbor: Harbor,
  look: Look,
  checked: readonly Checked[],
): Promise<readonly MissingRights[]> {
  const needed = new Map<string, Set<Right>>()
  for (const { item, decision } of checked) {
    const project = projectOf(item.repository)
    const rights = needed.get(project) ?? new Set()
    needed.set(project, rights)
    for (const step of decision.steps) rights.add(rightFor(step))
  }
  const missing: MissingRights[] = []
  for (const [project, rights] of needed) {
    if (rights.size === 0) continue
    const granted = await grantedIn(harbor, look, project)
    const lacking = [...rights].filter((right) => granted.size > 0 && !granted.has(right))
    if (lacking.length === 0) continue
    missing.push({ project, rights: lacking, words: lacking.map((right) => RIGHTS[right]).join(', ') })
  }
  return missing
}

function rightFor(step: Step): Right {
  if (step.kind === 'label') return 'artifact-label:create'
  return step.kind !== 'tag' || step.move ? 'repository:push' : 'tag:create'
}

async function grantedIn(harbor: Harbor, look: Look, name: string): Promise<ReadonlySet<string>> {
  try {
    const project = await look.project(name)
    return typeof project === 'string' ? new Set() : await harbor.permissions(project.project_id)
  } catch (error) {
    if (error instanceof HarborError) return new Set()
    throw error
  }
}
