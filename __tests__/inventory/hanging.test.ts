// What hangs on what, and how: by tags of cosign's, as a referrer, or as nobody knows.
import { expect, test } from '@jest/globals'
import { Hangings } from '../../src/inventory/hanging.ts'
import type { Accessory } from '../../src/inventory/types.ts'
import { artifact, digest, tag } from './inventory.ts'

const IMAGE = digest('a')
const SBOM = digest('b')
const SIGNATURE = digest('c')
const ATTACHED = digest('d')
const UNREAD = digest('e')
const UNKNOWN = digest('f')

function accessory(given: Pick<Accessory, 'digest' | 'subject' | 'tags'>): Accessory {
  return { type: 'subject.accessory', size: 1, children: [], ...given }
}

const cosigns = (subject: string, kind: string): string => `${subject.replace(':', '-')}.${kind}`

test('accessories and attachments are told with their subjects and with the tags that attach them', () => {
  const artifacts = [
    artifact('a', {
      accessories: [
        accessory({ digest: SBOM, subject: IMAGE, tags: [tag('my-sbom')] }),
        accessory({ digest: SIGNATURE, subject: SBOM, tags: [tag(cosigns(SBOM, 'sig')), tag('mine')] }),
        accessory({ digest: UNREAD, subject: IMAGE, tags: null }),
      ],
    }),
    artifact('d', { tags: [tag(cosigns(IMAGE, 'att')), tag('named')] }),
  ]
  const name = 'team-a/app'
  const repository = { name, project: 'team-a', artifacts, absent: new Set<string>() }
  const hangings = new Hangings({ repositories: [repository] })
  expect(hangings.of(name, [SBOM, SIGNATURE, ATTACHED, UNREAD, UNKNOWN])).toEqual([
    { digest: SBOM, subject: IMAGE, tags: [] },
    { digest: SIGNATURE, subject: SBOM, tags: [cosigns(SBOM, 'sig')] },
    { digest: ATTACHED, subject: IMAGE, tags: [cosigns(IMAGE, 'att')] },
    { digest: UNREAD, subject: IMAGE, tags: null },
    { digest: UNKNOWN, subject: null, tags: null },
  ])
  expect(hangings.of('team-a/other', [SBOM])).toEqual([{ digest: SBOM, subject: null, tags: null }])
})
