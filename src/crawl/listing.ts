import type { Details, Harbor, Listing } from '../harbor/harbor.ts'
import type { ArtifactAnswer, ProjectAnswer, RepositoryAnswer } from '../harbor/schemas.ts'
import type { IdList } from './by-id.ts'

export function projectList(harbor: Harbor): IdList<ProjectAnswer> {
  return {
    name: 'projects',
    page: (range, descending) => harbor.projects(range, descending),
    idOf: ({ project_id: id }) => id,
  }
}

export function repositoryList(harbor: Harbor, project: string): IdList<RepositoryAnswer> {
  return {
    name: `repositories of ${project}`,
    page: (range, descending) => harbor.repositories(project, range, descending),
    idOf: ({ id }) => id,
  }
}

export function artifactList(harbor: Harbor, listing: Listing, details: Details): IdList<ArtifactAnswer> {
  return {
    name: `artifacts of ${'project' in listing ? listing.project : listing.repository}`,
    page: (range, descending) => harbor.artifacts(listing, details, range, descending),
    idOf: ({ id }) => id,
  }
}
