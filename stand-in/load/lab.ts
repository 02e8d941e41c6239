// A registry kept as files: `registry.json` with projects, rules, and every manifest byte for byte with its
// tags, labels and times, beside `blobs/<sha256>`.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { blobSource, putBlob } from '../state/blobs.ts'
import { parseManifest, referencesOf } from '../state/manifest.ts'
import { type Artifact, NEVER, type Selector } from '../state/model.ts'
import { pushManifest } from '../state/push.ts'
import { type Registry, touched } from '../state/registry.ts'
import { parseJson } from '../state/json.ts'

interface Lab {
  readonly labels: readonly { readonly name: string }[]
  readonly projects: readonly {
    readonly name: string
    readonly public: boolean
    readonly quotaBytes: number
    readonly immutableRules: readonly { repositories: Selector[]; tags: Selector[]; disabled: boolean }[]
  }[]
  readonly artifacts: readonly LabArtifact[]
}

interface LabArtifact {
  readonly repository: string
  readonly digest: string
  readonly mediaType: string
  readonly manifest: string
  readonly tags?: readonly {
    readonly name: string
    readonly pushed: string
    readonly pulled: string | null
  }[]
  readonly labels?: readonly string[]
  readonly pushed?: string
  readonly pulled?: string | null
  readonly accessoryOf?: string
  readonly accessoryType?: string
}

const LABEL_COLOR = '#00aa00'

export function loadLab(registry: Registry, directory: string): void {
  const lab = parseJson<Lab>(readFileSync(path.join(directory, 'registry.json'), 'utf8'))
  for (const project of lab.projects) addProject(registry, project)
  for (const { name } of lab.labels) registry.addLabel(name, { color: LABEL_COLOR })
  for (const artifact of inOrder(lab.artifacts)) {
    uploadBlobs(registry, artifact, directory)
    for (const reference of references(artifact)) {
      const { repository, mediaType, manifest } = artifact
      pushManifest(registry, { repository, reference, bytes: Buffer.from(manifest), mediaType })
    }
    dress(registry, artifact)
  }
}

function addProject(registry: Registry, project: Lab['projects'][number]): void {
  const { name, public: open, quotaBytes: quota, immutableRules } = project
  if (!registry.projects.has(name)) registry.addProject({ name, public: open, quota })
  for (const rule of immutableRules) registry.addImmutableRule(name, rule)
}

/** As they were pushed, so that ids come out the same; accessories follow their subject. */
function inOrder(artifacts: readonly LabArtifact[]): LabArtifact[] {
  let last = ''
  return artifacts
    .map((artifact) => {
      last = artifact.pushed ?? last
      return { artifact, pushed: last }
    })
    .toSorted((a, b) => Date.parse(a.pushed) - Date.parse(b.pushed))
    .map(({ artifact }) => artifact)
}

/** Each of its tags, else its digest; a signature is pushed by the tag that names its subject. */
function references({ tags = [], digest, accessoryType, accessoryOf }: LabArtifact): string[] {
  if (accessoryType === 'signature.cosign' && accessoryOf !== undefined) {
    return [`${accessoryOf.replace(':', '-')}.sig`]
  }
  return tags.length === 0 ? [digest] : tags.map(({ name }) => name)
}

function uploadBlobs(
  registry: Registry,
  { repository, manifest, mediaType }: LabArtifact,
  directory: string,
): void {
  const parsed = parseManifest(Buffer.from(manifest), mediaType)
  if (parsed.isIndex) return
  for (const { digest } of referencesOf(parsed)) {
    const file = path.join(directory, 'blobs', digest.slice('sha256:'.length))
    putBlob(registry, registry.ensureRepository(repository), blobSource(readFileSync(file)))
  }
}

function dress(registry: Registry, lab: LabArtifact): void {
  const artifact: Artifact = registry.artifact(lab.repository, lab.digest)
  if (lab.pushed !== undefined) artifact.pushed = Date.parse(lab.pushed)
  artifact.pulled = timeOr(lab.pulled, NEVER)
  for (const { name, pushed, pulled } of lab.tags ?? []) {
    const tag = artifact.tags.find((one) => one.name === name)
    if (tag !== undefined) Object.assign(tag, { pushed: Date.parse(pushed), pulled: timeOr(pulled, NEVER) })
  }
  artifact.labels = [...registry.labels.values()].filter(({ name }) => lab.labels?.includes(name) === true)
  touched(artifact.repository)
}

function timeOr(text: string | null | undefined, otherwise: number): number {
  return text === null || text === undefined ? otherwise : Date.parse(text)
}
