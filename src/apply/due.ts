import type { BinItem } from '../bin/bin.ts'
import { itemOf } from '../bin/records.ts'
import type { Artifact, Digest, Failure, Inventory } from '../inventory/types.ts'
import type { Assembled } from '../plan/assemble.ts'
import { reasonOf } from '../plan/reason.ts'
import type { Action, Copy } from '../plan/types.ts'
import type { Unit } from '../plan/unit.ts'
import { goes } from '../plan/verdict.ts'
import type { Instant } from '../shared/instant.ts'
import { projectOf } from '../shared/repository.ts'
import type { Outcome, Removal, Standing } from './types.ts'

const TAG = { kind: 'delete-tag', rule: '', reason: '' } as const

/** What is known just before an apply begins. */
export interface Afresh {
  /** What is to be done. */
  readonly actions: readonly Action[]
  /** The repositories that the plan touches, read and decided again by the same policy. */
  readonly assembled: Assembled
  readonly inventory: Inventory
  /** What earlier runs of the same apply left. */
  readonly outcomes: ReadonlyMap<string, Outcome>
  readonly saved: ReadonlyMap<string, BinItem>
  readonly present: Instant
}

const DONE_EARLIER: Standing = { state: 'settled', outcome: 'done', why: '', earlier: true }

/** Tells of each action of an approved plan whether it is still due, and if it isn't, what changed. */
export class DueCheck {
  readonly #afresh: Afresh
  readonly #actions: ReadonlyMap<string, Action>
  readonly #artifacts: ReadonlyMap<string, ReadonlyMap<Digest, Artifact>>
  readonly #planned: ReadonlySet<string>
  readonly #units = new Map<string, ReadonlyMap<Digest, readonly Unit[]>>()

  constructor(afresh: Afresh) {
    this.#afresh = afresh
    this.#planned = new Set(afresh.actions.map((action) => itemOf(action)))
    this.#actions = new Map(afresh.assembled.plan.actions.map((action) => [itemOf(action), action]))
    this.#artifacts = new Map(
      afresh.inventory.repositories.map(({ name, artifacts }) => [
        name,
        new Map(artifacts.map((artifact) => [artifact.digest, artifact])),
      ]),
    )
  }

  standingOf(action: Action): Standing {
    const { outcomes, saved } = this.#afresh
    const item = itemOf(action)
    const isDone = outcomes.get(item) === 'done'
    if (action.kind === 'copy') return this.#standingOfCopy(action, isDone)
    if (saved.get(item)?.restored === true) return skipped('a restore put it back since; plan again')
    if (isDone) return DONE_EARLIER
    const sentBefore = maybeDone(saved.get(item))
    const artifacts = this.#artifacts.get(action.repository)
    const failure = this.#failureOf(action.repository)
    if (failure !== undefined) return failed(`${failure.where} was not read: ${failure.message}`)
    const before = artifacts?.get(action.digest)
    if (before === undefined) {
      return sentBefore ? { state: 'due', before, sentBefore, staying: [] } : skipped('it is gone already')
    }
    const due: Standing = { state: 'due', before, sentBefore, staying: this.#staying(action, before) }
    if (sentBefore && action.kind === 'delete-tag' && before.tags.every(({ name }) => name !== action.tag)) {
      return due
    }
    const now = this.#actions.get(item)
    if (now === undefined || now.kind === 'copy') {
      return this.#subjectsWent(action) ? due : skipped(`no longer due: ${this.#whyNot(action, before)}`)
    }
    const changes = differences(action, now)
    return changes === '' ? due : skipped(`drifted: ${changes}`)
  }

  /** A copy of an earlier run is looked at again, as long as there is an image to copy. */
  #standingOfCopy(copy: Copy, isDone: boolean): Standing {
    const failure = this.#failureOf(copy.repository)
    if (failure !== undefined) return failed(`${failure.where} was not read: ${failure.message}`)
    const before = this.#artifacts.get(copy.repository)?.get(copy.digest)
    if (before === undefined) return isDone ? DONE_EARLIER : skipped('it is gone already')
    const tags = copy.tags.filter((tag) => !this.#tookTag(copy, tag, before))
    if (isDone && copy.tags.length > 0 && tags.length === 0) return DONE_EARLIER
    const now = this.#actions.get(itemOf(copy))
    if (now?.kind !== 'copy') return skipped('no longer due: no rule copies it any more')
    if (now.target !== copy.target) {
      return skipped(`the plan copies it to ${copy.target}, and by now it would be ${now.target}`)
    }
    const changes = listChanges({ ...copy, tags }, now, ['tags', 'accessories'])
    if (changes.length > 0) return skipped(`drifted: ${changes.join('; ')}`)
    return { state: 'due', before, sentBefore: false, staying: [] }
  }

  /** Whether an earlier run took a tag, which it had copied by then, off an artifact that stays. */
  #tookTag({ repository, digest }: Copy, tag: string, { tags }: Artifact): boolean {
    const item = itemOf({ ...TAG, repository, digest, tag })
    const took = this.#afresh.outcomes.get(item) === 'done' || maybeDone(this.#afresh.saved.get(item))
    return took && tags.every(({ name }) => name !== tag)
  }

  /** The tags that stay on an artifact when the plan has been carried out. */
  #staying({ repository, digest }: Removal, { tags }: Artifact): readonly string[] {
    return tags
      .map(({ name }) => name)
      .filter((tag) => !this.#planned.has(itemOf({ ...TAG, repository, digest, tag })))
  }

  /**
   * What follows subjects that an earlier run deleted is decided by nothing any more, and goes as it was to: if they are
   * still gone.
   */
  #subjectsWent(action: Removal): boolean {
    const { outcomes, saved } = this.#afresh
    const went = new Set(
      [...saved].flatMap(([item, each]) =>
        each.repository === action.repository && (outcomes.get(item) === 'done' || maybeDone(each))
          ? each.manifests
          : [],
      ),
    )
    const there = this.#artifacts.get(action.repository)
    return (
      action.follows !== undefined &&
      action.follows.every((subject) => went.has(subject) && there?.has(subject) !== true)
    )
  }

  /** What was read only in part, or not a second time, is not decided on. Where a list failed, anything may be missing. */
  #failureOf(repository: string): Failure | undefined {
    const { failures } = this.#afresh.inventory
    const project = projectOf(repository)
    const failure = failures.find(({ where }) => where === repository || where === project)
    return failure ?? (this.#artifacts.has(repository) ? undefined : failures[0])
  }

  /** What holds it now, in the words of the decision. */
  #whyNot(action: Removal, before: Artifact): string {
    const units = this.#unitsOf(action.repository).get(action.digest) ?? []
    const wanted = action.kind === 'delete-tag' ? [action.tag] : action.tags
    const tag = before.tags.find(({ name }) => !wanted.includes(name))
    if (tag !== undefined && action.kind === 'delete-artifact') {
      return `it has another tag by now, ${tag.name}`
    }
    const moved = wanted.filter((name) => before.tags.every((each) => each.name !== name))
    if (moved.length > 0) return `it does not have the tag ${moved.join(', ')} any more`
    const holding = units.find(
      (unit) => !goes(unit.verdict) && (action.kind === 'delete-artifact' || unit.name === action.tag),
    )
    if (holding !== undefined) {
      const name = holding.tag === null ? 'it' : holding.name
      const by = 'by' in holding.verdict ? ` (${holding.verdict.by.name})` : ''
      return `${name} stays: ${reasonOf(holding, this.#afresh.present)}${by}`
    }
    return action.kind === 'delete-tag'
      ? 'the whole artifact would go by now; plan again'
      : 'something that it belongs to, or that belongs to it, stays by now'
  }

  #unitsOf(repository: string): ReadonlyMap<Digest, readonly Unit[]> {
    const known = this.#units.get(repository)
    if (known !== undefined) return known
    const units = new Map<Digest, Unit[]>()
    const decided = this.#afresh.assembled.repositories.find(({ name }) => name === repository)
    for (const unit of decided?.units ?? []) {
      const { digest } = unit.artifact
      units.set(digest, [...(units.get(digest) ?? []), unit])
    }
    this.#units.set(repository, units)
    return units
  }
}

/** Whether an earlier run sent its delete and was never told what became of it: it was killed, or Harbor was gone. */
function maybeDone(item: BinItem | undefined): boolean {
  return item?.sent === true && (item.outcome === undefined || item.outcome === 'failed')
}

function skipped(why: string): Standing {
  return { state: 'settled', outcome: 'skipped', why, earlier: false }
}

function failed(why: string): Standing {
  return { state: 'settled', outcome: 'failed', why, earlier: false }
}

type Lists<Name extends string> = Readonly<Record<Name, readonly string[]>>

function listChanges<Name extends string>(
  planned: Lists<Name>,
  now: Lists<Name>,
  names: readonly Name[],
): readonly string[] {
  return names.flatMap((name) => {
    const gained = now[name].filter((one) => !planned[name].includes(one))
    const lost = planned[name].filter((one) => !now[name].includes(one))
    return [
      ...(gained.length > 0 ? [`${name} were added: ${gained.join(', ')}`] : []),
      ...(lost.length > 0 ? [`${name} are gone: ${lost.join(', ')}`] : []),
    ]
  })
}

/** What is another by now about something that would still go. */
function differences(planned: Removal, now: Removal): string {
  const changes: string[] = []
  if (now.after !== undefined && planned.after !== now.after) {
    changes.push('it would be archived before it goes')
  }
  const leading = (now.follows ?? []).filter((subject) => planned.follows?.includes(subject) !== true)
  if (leading.length > 0) changes.push(`it would follow ${leading.join(', ')}`)
  if (planned.kind === 'delete-artifact' && now.kind === 'delete-artifact') {
    changes.push(...listChanges(planned, now, ['tags', 'accessories', 'children']))
    for (const name of ['pushed', 'pulled'] as const) {
      if (planned[name] !== now[name]) changes.push(`it was ${name} at ${now[name] ?? 'no time'}`)
    }
  }
  return changes.join('; ')
}
