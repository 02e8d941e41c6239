import type { Artifact, Tag } from '../../src/inventory/types.ts'

export function digest(letter: string): string {
  return `sha256:${letter.repeat(64)}`
}

/** An image that nothing is special about, named by the letter of its digest. */
export function artifact(letter: string, others: Partial<Artifact> = {}): Artifact {
  return {
    digest: digest(letter),
    type: 'IMAGE',
    size: 1000,
    pushed: 100,
    pulled: null,
    created: 50,
    platforms: ['linux/amd64'],
    labels: [],
    tags: [],
    children: [],
    accessories: [],
    ...others,
  }
}

export function tag(name: string, pushed = 100, others: Partial<Tag> = {}): Tag {
  return { name, pushed, pulled: null, immutable: false, ...others }
}
