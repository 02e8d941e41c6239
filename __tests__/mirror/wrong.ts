// What must never be after an apply that copies and archives, whatever happened meanwhile.
import { copyName } from '../../src/plan/copies.ts'
import type { Copy } from '../../src/plan/types.ts'
import { takenBy } from '../helpers/carry-out.ts'
import type { Commanded } from '../helpers/run.ts'
import { dishonesty, namesIn } from '../apply/honesty.ts'
import type { MirrorScene } from './mirror-scene.ts'

/** What the mirror has when an apply that nobody disturbed is done, every tag with what it stands on. */
export type Tags = readonly string[]

/**
 * What is wrong: something is gone from Harbor that isn't at the mirror whole, or that nothing took; something is told
 * to be at the mirror that isn't; something else was changed there.
 *
 * @param commanded how it ended
 * @param tags everything that may be at the mirror
 * @param seeds what was there before, and has to stay
 */
export function wrongAfter(
  scene: MirrorScene,
  commanded: Commanded | 'killed',
  { tags, seeds = [] }: { readonly tags: Tags; readonly seeds?: Tags },
): readonly string[] {
  const { plan, registry, before } = scene
  const now = namesIn(registry)
  const gone = new Set([...before].filter((name) => !now.has(name)))
  const standing = scene.storage.tags()
  const always = [
    ...lost(scene, gone),
    ...standing.filter((tag) => !tags.includes(tag)).map((tag) => `at the mirror, and not planned: ${tag}`),
    ...seeds.filter((tag) => !standing.includes(tag)).map((tag) => `no longer at the mirror: ${tag}`),
  ]
  if (commanded === 'killed') return always
  const { status, reason, host } = commanded
  if (reason === 'internal' || (status === 0) !== (reason === '')) return [...always, `${status} ${reason}`]
  if (host.outputs['applied'] === undefined) {
    return [...always, ...[...gone].map((name) => `refused, and gone: ${name}`)]
  }
  const { results } = scene.result()
  const told = new Set(
    results.flatMap(({ kind, repository, digest, outcome }) =>
      kind === 'copy' && outcome === 'done' ? [`${repository}@${digest}`] : [],
    ),
  )
  return [
    ...always,
    ...dishonesty({ plan, registry }, results, before),
    ...copiesOf(scene)
      .filter((copy) => told.has(copyName(copy)))
      .flatMap((copy) => scene.lacking(copy).map((what) => `told to be at the mirror: ${what}`)),
  ]
}

/** What is gone from Harbor without being at the mirror. */
function lost(scene: MirrorScene, gone: ReadonlySet<string>): readonly string[] {
  const { plan } = scene
  return plan.actions.flatMap((action) => {
    if (action.kind === 'copy' || action.after === undefined) return []
    if ([...takenBy({ ...plan, actions: [action] })].every((name) => !gone.has(name))) return []
    const copy = copiesOf(scene).find((other) => copyName(other) === action.after)
    const lacking = copy === undefined ? ['all of it'] : scene.lacking(copy)
    return lacking.map((what) => `LOST, of ${action.repository}@${action.digest}: ${what}`)
  })
}

function copiesOf({ plan }: MirrorScene): readonly Copy[] {
  return plan.actions.filter((action) => action.kind === 'copy')
}
