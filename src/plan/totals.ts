import type { Inventory, Repository } from '../inventory/types.ts'
import { copySizes } from './copy-size.ts'
import type { DecidedRepository } from './decided.ts'
import type { FamilyTree } from './family-tree.ts'
import type { Action, PlanTotals, RepositoryTotals } from './types.ts'
import { decisionOf, goes } from './verdict.ts'

/** Counts what became of one repository. */
export function repositoryTotals(
  repository: Repository,
  tree: FamilyTree,
  actions: readonly Action[],
): RepositoryTotals {
  const { name, artifacts } = repository
  const count = (kind: Action['kind']): number => actions.filter((action) => action.kind === kind).length
  let [deletes, isProtected, tags, own, bytes] = [0, 0, 0, 0, 0]
  for (const { verdict } of tree.units) {
    deletes += Number(goes(verdict))
    isProtected += Number(decisionOf(verdict) === 'protected')
  }
  for (const artifact of artifacts) {
    tags += artifact.tags.length
    own += Number(artifact.tags.length > 0 || !tree.parents.has(artifact.digest))
  }
  const sizeOf = copySizes(repository)
  let copyBytes = 0
  for (const action of actions) {
    if (action.kind === 'delete-artifact') bytes += action.size
    if (action.kind !== 'copy') continue
    const { image, accessories } = sizeOf(action)
    copyBytes += image + accessories
  }
  return {
    name,
    artifacts: own,
    tags,
    units: tree.units.length,
    deletes,
    deleteTags: count('delete-tag'),
    deleteArtifacts: count('delete-artifact'),
    copies: count('copy'),
    kept: tree.units.length - deletes - isProtected,
    protected: isProtected,
    bytes,
    copyBytes,
  }
}

/** Adds up the repositories. What deletes free isn't known here. */
export function addTotals(
  inventory: Inventory,
  repositories: readonly Pick<DecidedRepository, 'totals'>[],
): PlanTotals {
  const sum = (key: Exclude<keyof RepositoryTotals, 'name'>): number =>
    repositories.reduce((total, { totals }) => total + totals[key], 0)
  return {
    projects: inventory.projects.length,
    repositories: inventory.repositories.length,
    artifacts: sum('artifacts'),
    tags: sum('tags'),
    units: sum('units'),
    deletes: sum('deletes'),
    deleteTags: sum('deleteTags'),
    deleteArtifacts: sum('deleteArtifacts'),
    copies: sum('copies'),
    kept: sum('kept'),
    protected: sum('protected'),
    sizes: 'off',
    reclaimableBytes: null,
    naiveBytes: sum('bytes'),
    copyBytes: sum('copyBytes'),
  }
}
