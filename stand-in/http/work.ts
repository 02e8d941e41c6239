// What answering a request took, counted where it is done, so that a cost model can charge for it.
export interface Work {
  /** Rows that the database had to count and sort. */
  selected: number
  /** Rows that were put together for the answer. */
  returned: number
  /** The selection was by a range of ids, for which the database has an index. */
  window: boolean
  /** The artifacts of a project rather than of one repository. */
  ofProject: boolean
  /** More to look up for each row: labels, accessories, immutable status, scans. */
  extras: number
}

export function noWork(): Work {
  return { selected: 0, returned: 0, window: false, ofProject: false, extras: 0 }
}
