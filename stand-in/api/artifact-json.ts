// An artifact, and what hangs on it, as the API shows them.
import { accessoryIcon } from '../state/accessories.ts'
import { isImmutable } from '../state/immutable.ts'
import type { Accessory, Artifact, Reference, Tag } from '../state/model.ts'
import { type Registry, withinProject } from '../state/registry.ts'
import { isScannable, scanOverview } from '../state/scan.ts'
import { labelJson } from './labels.ts'
import { instant } from './time.ts'

export interface Detail {
  readonly tags: boolean
  readonly labels: boolean
  readonly immutableStatus: boolean
  readonly accessories: boolean
  readonly scanOverview: boolean
}

const ICONS: Readonly<Record<string, string>> = {
  IMAGE: 'sha256:0048162a053eef4d4ce3fe7518615bef084403614f8bca43b40ae2e762e11e06',
  CHART: 'sha256:61cf3a178ff0f75bf08a25d96b75cf7355dc197749a9f128ed3ef34b0df05518',
}
const DEFAULT_ICON = 'sha256:da834479c923584f4cbcdecc0dac61f32bef1d51e8aae598cf16bd154efab49f'

const ADDITIONS: Readonly<Record<string, readonly string[]>> = {
  IMAGE: ['build_history'],
  CHART: ['dependencies', 'readme.md', 'values.yaml'],
}

export function artifactJson(
  registry: Registry,
  artifact: Artifact,
  detail: Detail,
): Record<string, unknown> {
  const { repository } = artifact
  const { project } = repository
  const isNew = registry.version === '2.15.1'
  const overview = detail.scanOverview ? scanOverview(artifact) : undefined
  const links = additionLinks(registry, artifact)
  return {
    accessories: detail.accessories ? orNull(artifact.accessories.map(accessoryJson)) : null,
    ...(links && { addition_links: links }),
    ...(artifact.annotations && { annotations: artifact.annotations }),
    ...(isNew && artifact.artifactType !== '' && { artifact_type: artifact.artifactType }),
    digest: artifact.digest,
    ...(artifact.extraAttributes && { extra_attrs: artifact.extraAttributes }),
    icon: ICONS[artifact.type] ?? DEFAULT_ICON,
    id: artifact.id,
    labels: detail.labels ? orNull(artifact.labels.map(labelJson)) : null,
    manifest_media_type: artifact.manifestMediaType,
    media_type: artifact.mediaType,
    project_id: project.id,
    pull_time: instant(artifact.pulled),
    push_time: instant(artifact.pushed),
    references: orNull(artifact.references.map(referenceJson)),
    repository_id: repository.id,
    ...(isNew && { repository_name: repository.name }),
    ...(overview && { scan_overview: overview }),
    size: artifact.size,
    tags: detail.tags ? orNull(tagsOf(artifact).map((tag) => tagJson(tag, detail.immutableStatus))) : null,
    type: artifact.type,
  }
}

function orNull<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list
}

/** Newest first. */
export function tagsOf({ tags }: Artifact): readonly Tag[] {
  return tags.length < 2 ? tags : tags.toSorted((a, b) => b.pushed - a.pushed || b.id - a.id)
}

export function tagJson(tag: Tag, withImmutable: boolean): Record<string, unknown> {
  const { artifact } = tag
  return {
    artifact_id: artifact.id,
    id: tag.id,
    immutable: withImmutable && isImmutable(artifact.repository, tag.name),
    name: tag.name,
    pull_time: instant(tag.pulled),
    push_time: instant(tag.pushed),
    repository_id: artifact.repository.id,
  }
}

export function accessoryJson({ artifact, ...accessory }: Accessory): Record<string, unknown> {
  return {
    artifact_id: artifact.id,
    creation_time: instant(accessory.created),
    digest: artifact.digest,
    icon: accessoryIcon(accessory.type),
    id: accessory.id,
    size: artifact.size,
    subject_artifact_digest: accessory.subjectDigest,
    subject_artifact_id: accessory.subject?.id ?? 0,
    subject_artifact_repo: artifact.repository.name,
    type: accessory.type,
  }
}

function referenceJson({ parent, child, platform, annotations, urls }: Reference): Record<string, unknown> {
  return {
    ...(annotations && { annotations }),
    child_digest: child.digest,
    child_id: child.id,
    parent_id: parent.id,
    ...(platform && {
      platform: {
        // Harbor's names for these two come out so by a slip in its API description (recording 031).
        OsFeatures: platform['os.features'] ?? null,
        architecture: platform.architecture,
        os: platform.os,
        ...(platform['os.version'] !== undefined && { OsVersion: platform['os.version'] }),
        ...(platform.variant !== undefined && { variant: platform.variant }),
      },
    }),
    urls,
  }
}

function additionLinks(registry: Registry, artifact: Artifact): Record<string, unknown> | undefined {
  const { repository, digest } = artifact
  const name = encodeURIComponent(encodeURIComponent(withinProject(repository)))
  const base = `/api/v2.0/projects/${repository.project.name}/repositories/${name}/artifacts/`
  const link = (path: string): Record<string, unknown> => ({ absolute: false, href: `${base}${path}` })
  const links: Record<string, unknown> = {}
  if (artifact.references.length === 0) {
    for (const addition of ADDITIONS[artifact.type] ?? []) {
      links[addition] = link(`${digest}/additions/${addition}`)
    }
  }
  if (isScannable(registry, artifact)) {
    // Without an SBOM the link lacks the digest: Harbor's own slip (recordings-2, 072).
    links['sboms'] = link('/additions/sbom')
    links['vulnerabilities'] = link(`${digest}/additions/vulnerabilities`)
  }
  return Object.keys(links).length === 0 ? undefined : links
}
