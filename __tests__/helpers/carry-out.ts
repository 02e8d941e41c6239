// What apply will do with a plan, done in its order and with no second look: for what it comes to in a Harbor.
import type { Plan } from '../../src/plan/types.ts'
import { repositoryPath } from '../../src/harbor/paths.ts'

export interface Carried {
  /** `DELETE …: 412 …` for every action that was refused. */
  readonly refused: readonly string[]
}

export async function carryOut(url: string, { actions }: Plan): Promise<Carried> {
  const refused: string[] = []
  for (const action of actions) {
    if (action.kind === 'copy') continue
    const artifact = `${repositoryPath(action.repository)}/artifacts/${action.digest}`
    const path = action.kind === 'delete-tag' ? `${artifact}/tags/${action.tag}` : artifact
    const answer = await fetch(`${url}${path}`, {
      method: 'DELETE',
      headers: { authorization: `Basic ${btoa('admin:Harbor12345')}` },
    })
    const text = await answer.text()
    if (answer.status !== 200) refused.push(`${action.kind} ${action.repository}: ${answer.status} ${text}`)
  }
  return { refused }
}

/** Everything that a plan takes away: tags by name, artifacts by digest, with what goes along. */
export function takenBy({ actions }: Plan): ReadonlySet<string> {
  return new Set(
    actions.flatMap((action) => {
      const { repository } = action
      if (action.kind === 'copy') return []
      if (action.kind === 'delete-tag') return [`${repository}:${action.tag}`]
      return [
        ...action.tags.map((tag) => `${repository}:${tag}`),
        ...[action.digest, ...action.children, ...action.accessories].map(
          (digest) => `${repository}@${digest}`,
        ),
      ]
    }),
  )
}
