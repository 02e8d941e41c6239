// Signatures, SBOMs and other referrers: which pushed manifests Harbor takes for accessories of which subject.
import type { Accessory, Artifact } from './model.ts'
import type { Manifest } from './manifest.ts'
import type { Registry, Version } from './registry.ts'

const COSIGN_TAG = /^sha256-([0-9a-f]{64})\.sig$/
const COSIGN_LAYER = 'application/vnd.dev.cosign.simplesigning.v1+json'
const NYDUS_LAYER = 'containerd.io/snapshot/nydus-bootstrap'

const NOTATION = 'application/vnd.cncf.notary.signature'
/** By artifactType, or config media type where there is none; Harbor 2.10 knows one, by the config alone. */
const SUBJECT_TYPES: Readonly<Record<string, string>> = {
  [NOTATION]: 'signature.notation',
  'application/vnd.dev.cosign.artifact.sig.v1+json': 'signature.cosign',
  'application/vnd.dev.sigstore.bundle.v0.3+json': 'signature.cosign',
  'application/vnd.goharbor.harbor.sbom.v1': 'sbom.harbor',
}

/** After a push: the artifact may be an accessory, or the subject that accessories pushed earlier waited for. */
export function attachAccessories(
  registry: Registry,
  artifact: Artifact,
  { manifest, reference, at }: { manifest: Manifest; reference: string; at: number },
): void {
  const subjectDigest = manifest.subject?.digest ?? cosignSubject(manifest, reference)
  if (subjectDigest !== undefined && artifact.accessoryOf === null) {
    const type = manifest.subject === undefined ? 'signature.cosign' : typeOf(manifest, registry.version)
    addAccessory(registry, artifact, { subjectDigest, type, at })
  }
  adopt(artifact)
}

/** Only `.sig` tags with a signature in them: `.att` and `.sbom` are images like any other (recordings-2, 034). */
function cosignSubject(manifest: Manifest, reference: string): string | undefined {
  const hex = COSIGN_TAG.exec(reference)?.[1]
  const signed = manifest.layers.some(({ mediaType }) => mediaType === COSIGN_LAYER)
  return hex !== undefined && signed ? `sha256:${hex}` : undefined
}

function typeOf(manifest: Manifest, version: Version): string {
  const config = manifest.config?.mediaType ?? ''
  const known = version === '2.15.1' ? (manifest.artifactType ?? config) : config === NOTATION ? config : ''
  const nydus = manifest.layers.at(-1)?.annotations?.[NYDUS_LAYER] !== undefined
  return SUBJECT_TYPES[known] ?? (nydus ? 'accelerator.nydus' : 'subject.accessory')
}

/** Also when there is no such subject (yet): the artifact is then in no list at all (recordings-2, 036). */
export function addAccessory(
  registry: Registry,
  artifact: Artifact,
  { subjectDigest, type, at }: { subjectDigest: string; type: string; at: number },
): void {
  const subject = artifact.repository.artifacts.get(subjectDigest) ?? null
  const accessory: Accessory = {
    id: registry.ids.accessory.next(),
    artifact,
    subjectDigest,
    subject,
    type,
    created: at,
  }
  artifact.accessoryOf = accessory
  if (subject === null) {
    const orphans = artifact.repository.orphans.get(subjectDigest) ?? []
    artifact.repository.orphans.set(subjectDigest, [...orphans, accessory])
  } else {
    subject.accessories = [...subject.accessories, accessory]
  }
}

function adopt(subject: Artifact): void {
  const orphans = subject.repository.orphans.get(subject.digest)
  if (orphans === undefined) return
  subject.repository.orphans.delete(subject.digest)
  for (const accessory of orphans) accessory.subject = subject
  subject.accessories = [...subject.accessories, ...orphans]
}

const ICONS: Readonly<Record<string, string>> = {
  'signature.cosign': 'sha256:20401d5b3a0f6dbc607c8d732eb08471af4ae6b19811a4efce8c6a724aed2882',
  'signature.notation': 'sha256:3ac706e102bbe9362b400aa162df58135d35e66b9c3bee2165de92022d25fe34',
  'accelerator.nydus': 'sha256:dfcb6617cd9c144358dc1b305b87bbe34f0b619f1e329116e6aee2e41f2e34cf',
  'sbom.harbor': 'sha256:c19f80c357cd7e90d2a01b9ae3e2eb62ce447a2662bb590a19177d72d550bdae',
}

export function accessoryIcon(type: string): string {
  return ICONS[type] ?? ''
}
