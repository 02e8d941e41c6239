import { isMapping } from './keys.ts'
import type { Fault } from './issues.ts'
import type { Path } from './document.ts'

/**
 * What only shows when parts of a policy are held against each other. Works on the data as it was written, so that
 * it is told together with everything else that is wrong.
 */
export function crossChecks(data: unknown): readonly Fault[] {
  if (!isMapping(data)) return []
  const rules = mappingsOf(data, 'rules')
  const protections = mappingsOf(data, 'protect')
  return [
    ...duplicateNames(
      Object.keys(data).indexOf('rules') < Object.keys(data).indexOf('protect')
        ? [...rules, ...protections]
        : [...protections, ...rules],
    ),
    ...duplicateNames(mappingsOf(data, 'tests')),
    ...rules.flatMap(([path, rule]) => [...ruleFaults(path, rule)]),
    ...protections.flatMap(([path, protection]) => [
      ...selectFaults(path, protection),
      ...protectionFaults(path, protection),
    ]),
  ]
}

type Mapping = Readonly<Record<string, unknown>>

function mappingsOf(data: Mapping, key: string): readonly (readonly [Path, Mapping])[] {
  const list = data[key]
  if (!Array.isArray(list)) return []
  return list.flatMap((item: unknown, index) => (isMapping(item) ? [[[key, index], item] as const] : []))
}

function* duplicateNames(items: readonly (readonly [Path, Mapping])[]): Generator<Fault> {
  const seen = new Set<string>()
  for (const [path, { name }] of items) {
    if (typeof name !== 'string') continue
    const key = name.trim()
    if (seen.has(key)) {
      yield {
        path: [...path, 'name'],
        message: `the name \`${key}\` is taken already; reports name rules by it`,
      }
    }
    seen.add(key)
  }
}

function* ruleFaults(path: Path, rule: Mapping): Generator<Fault> {
  if (!['delete', 'archive', 'copy'].some((action) => Object.hasOwn(rule, action))) {
    yield { path, message: 'a rule needs an action: add `delete`, `archive` or `copy`' }
  }
  const { keep, select } = rule
  if (isMapping(select)) {
    yield* selectFaults([...path, 'select'], select)
    if (Object.keys(select).length > 0 && !saysSomething(select)) {
      yield { path: [...path, 'select'], message: 'this says nothing; write `tags: ["**"]` for every tag' }
    }
  }
  if (isMapping(keep) && !Object.hasOwn(keep, 'newest')) {
    for (const key of ['by', 'per']) {
      if (Object.hasOwn(keep, key)) {
        yield { path: [...path, 'keep', key], message: `\`${key}\` says nothing without \`newest\`` }
      }
    }
  }
}

function* protectionFaults(path: Path, protection: Mapping): Generator<Fault> {
  if (!saysSomething(protection)) {
    yield { path, message: 'this protection says nothing; write `tags: ["**"]` to protect every tag' }
  }
}

/** Tags have names and versions, untagged artifacts have neither, orphans are tags: no unit can be two of these. */
function* selectFaults(path: Path, select: Mapping): Generator<Fault> {
  const untagged = select['untagged'] === true
  for (const key of ['tags', 'semver', 'prerelease']) {
    if (untagged && Object.hasOwn(select, key)) {
      yield {
        path: [...path, key],
        message: `an artifact without a tag has no ${key === 'tags' ? 'tag' : 'version'}; make two of \`untagged\` and \`${key}\``,
      }
    }
  }
  if (untagged && select['orphans'] === true) {
    yield { path: [...path, 'orphans'], message: 'orphans are tags; make two of `untagged` and `orphans`' }
  }
}

/** Whether anything is asked for: `untagged: false` and `orphans: false` are the same as not there. */
function saysSomething(select: Mapping): boolean {
  return Object.entries(select).some(([key, value]) => {
    return key !== 'name' && !(value === false && ['untagged', 'orphans'].includes(key))
  })
}
