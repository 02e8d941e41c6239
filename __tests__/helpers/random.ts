// Registries made at random, the same for the same seed: tags that share an image, indexes in indexes, children with
// tags, signatures, attestations, referrers of referrers, orphans, labels, pulls, immutable rules.
import { Builder } from '../../stand-in/load/build.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import { ensureTag } from '../../stand-in/state/push.ts'
import type { Registry } from '../../stand-in/state/registry.ts'
import { daysLater } from './registry.ts'

/** Numbers from 0 up to a bound, the same for the same seed. */
export type Dice = (below: number) => number

/** Mulberry32. */
export function dice(seed: number): Dice {
  let state = seed
  return (below) => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

const KINDS = ['sig', 'att', 'sbom'] as const

export function fillAtRandom(registry: Registry, seed: number): void {
  const roll = dice(seed)
  const projects = ['team-a', 'team-b']
  for (const name of projects) registry.addProject({ name })
  for (const project of projects) {
    for (let i = 0; i <= roll(3); i += 1) new Filler(registry, roll, `${project}/app-${i}`).fill()
  }
  if (roll(2) === 0) {
    const tags = ['v*', '*-1', 'sha256-*', '{v,m}[0-3]'][roll(4)] ?? '**'
    registry.addImmutableRule('team-a', { tags, repositories: ['**', 'app-0', '*'][roll(3)] ?? '**' })
  }
}

class Filler {
  private readonly builder: Builder
  private readonly all: Artifact[] = []
  private readonly registry: Registry
  private readonly roll: Dice
  private readonly repository: string
  private day = 0

  constructor(registry: Registry, roll: Dice, repository: string) {
    this.builder = new Builder(registry)
    this.registry = registry
    this.roll = roll
    this.repository = repository
  }

  fill(): void {
    const steps = 3 + this.roll(14)
    for (this.day = 0; this.day < steps; this.day += 1) {
      const artifact = this.push()
      this.all.push(artifact)
      this.decorate(artifact)
    }
  }

  private push(): Artifact {
    const { builder, repository, roll, day } = this
    const pushed = daysLater(day)
    const tags = roll(4) === 0 ? [] : [`${['v', 'm', 'x'][roll(3)] ?? ''}${roll(6)}`]
    switch (roll(6)) {
      case 0: {
        // Indexes of accessories are a world of their own (the second reading's tests have one).
        const images = this.some(3).filter(({ accessoryOf }) => accessoryOf === null)
        return images.length === 0 ? this.image(tags) : builder.index(repository, { images, tags, pushed })
      }
      case 1: {
        const subject = this.subject()
        return builder.sign(repository, subject, KINDS[roll(3)] ?? 'sig', pushed)
      }
      case 2: {
        const [subject] = this.some(1)
        return subject === undefined
          ? this.image(tags)
          : builder.refer(subject, `application/vnd.t${roll(2)}+json`, `${day}`, pushed)
      }
      default: {
        return this.image(tags)
      }
    }
  }

  private image(tags: readonly string[]): Artifact {
    const { builder, repository, day, roll } = this
    const layers = ['base', `${repository} ${day}`, `shared ${roll(3)}`]
    return builder.image(repository, { tags, pushed: daysLater(day), layers })
  }

  private decorate(artifact: Artifact): void {
    const { registry, builder, roll, day } = this
    if (roll(6) === 0) ensureTag(registry, artifact, `n${roll(4)}`, daysLater(day))
    if (roll(6) === 0) builder.label(artifact, ['keep', 'old'][roll(2)] ?? 'keep')
    if (roll(6) === 0) Object.assign(artifact, { pulled: daysLater(day + roll(300)) })
  }

  /** Something that is there, mostly. */
  private subject(): string {
    const [one] = this.some(1)
    return one === undefined || this.roll(4) === 0 ? `sha256:${String(this.roll(3)).repeat(64)}` : one.digest
  }

  private some(most: number): readonly Artifact[] {
    if (this.all.length === 0) return []
    const picked = Array.from({ length: 1 + this.roll(most) }, () => this.all[this.roll(this.all.length)])
    return [...new Set(picked)].filter((artifact) => artifact !== undefined)
  }
}

/** A policy that has something to do in such a registry. */
export function policyAtRandom(seed: number): string {
  const roll = dice(seed)
  const pick = (...choices: readonly string[]): string => choices[roll(choices.length)] ?? ''
  const rules = Array.from({ length: 1 + roll(3) }, (_, index) => {
    const select = pick(
      '{ untagged: true }',
      '{ orphans: true }',
      `{ tags: ["${pick('v*', 'm*', '**', 'n*')}"] }`,
      `{ tags: ["**"], signed: ${pick('true', 'false')} }`,
      '{ tags: ["**"], labels: [old] }',
      '{ repositories: ["team-a/**"] }',
    )
    const keep = pick('', '', 'keep: { newest: 1 }, ', 'keep: { pulled-within: 100d }, ')
    const due = pick('always', 'always', '{ not-pushed-for: 300d }', '{ not-pulled-for: 200d }')
    return `  - { name: r${index}, select: ${select}, ${keep}delete: ${due} }`
  })
  return [
    'version: 1',
    pick('', 'protect: [{ name: keep, labels: [keep] }]', 'protect: [{ name: x, tags: ["x*"] }]'),
    'rules:',
    ...rules,
    `limits: { max-delete-percent: 100, keep-per-repository: ${roll(2)} }`,
    '',
  ].join('\n')
}
