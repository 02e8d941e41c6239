// What requests cost a Harbor of two cores and its PostgreSQL, in milliseconds of its time with four requests under
// way. Measured on v2.15.1 with up to 350,000 artifacts in the database; only the ratios matter. What costs is rows:
// the queries per artifact. Selecting by id costs the same whatever the size of repository, project, or database.

/** A request for artifacts, by the rows that it answers. */
const REQUEST = 1
const ROW = 0.11
/** Counting and sorting what a page selects by nothing but its repository or project, per row selected. */
const SELECTED_ROW = 0.0015
const PAGE_SIZE = 100

/** Up to how many artifacts a listing is walked from page to page; a longer one falls into windows of ids. */
export const LONGEST_WALK = 400

/** What reading a listing costs that holds this many artifacts. */
export function listingCost(artifacts: number): number {
  if (artifacts <= LONGEST_WALK) {
    const pages = Math.max(1, Math.ceil(artifacts / PAGE_SIZE))
    return pages * (REQUEST + artifacts * SELECTED_ROW) + artifacts * ROW
  }
  // Both ends, then windows that are not all full.
  const requests = 2 + (artifacts / PAGE_SIZE) * 1.25
  return requests * REQUEST + 2 * artifacts * SELECTED_ROW + artifacts * ROW
}

/**
 * Whether a project is read as one listing rather than repository by repository: pays where repositories are tiny.
 *
 * @param wanted artifacts in each repository that is to be read
 * @param all artifacts in each repository of the project
 */
export function oneListingIsCheaper(wanted: readonly number[], all: readonly number[]): boolean {
  const apart = wanted.reduce((cost, artifacts) => cost + listingCost(artifacts), 0)
  const together = listingCost(all.reduce((sum, artifacts) => sum + artifacts, 0))
  return together < 0.9 * apart
}
