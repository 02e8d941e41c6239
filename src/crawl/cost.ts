// What requests cost a Harbor of two cores and its PostgreSQL, in milliseconds of its time with four requests under
// way. Measured on v2.15.1 with 60,000 to 350,000 artifacts in the database; only the ratios matter.

/** Any request for artifacts, and each artifact that it answers, with its tags. */
const REQUEST = 1.03
const ROW = 0.107
/** Selecting by nothing but the repository: counted and sorted, for each artifact in it. */
const SELECTED_ROW = 0.0012
/** Selecting by nothing but the project: there is no index for it, so Harbor reads one of all its artifacts. */
const PROJECT_SCAN = 20
const PAGE_SIZE = 100

/**
 * Up to how many artifacts a listing is walked from page to page. A longer one falls into windows of ids, which cost
 * the same whatever the size of repository, project and database, and can be read side by side.
 */
export const LONGEST_WALK = 400

/**
 * Whether a project is read as one listing rather than repository by repository: pays where repositories are tiny.
 *
 * @param wanted artifacts in each repository that is to be read
 * @param all artifacts in each repository of the project
 */
export function oneListingIsCheaper(wanted: readonly number[], all: readonly number[]): boolean {
  const apart = sum(wanted.map((artifacts) => listingCost(artifacts, artifacts * SELECTED_ROW)))
  const together = listingCost(sum(all), PROJECT_SCAN)
  return together < 0.9 * apart
}

/** @param open what a request costs more that selects by no ids: the first of a listing, and its other end */
function listingCost(artifacts: number, open: number): number {
  const pages = Math.max(1, Math.ceil(artifacts / PAGE_SIZE))
  if (artifacts <= LONGEST_WALK) return pages * REQUEST + artifacts * ROW + open
  // Windows aren't all full.
  return 1.25 * pages * REQUEST + artifacts * ROW + 2 * open
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
