import type { Run } from '../github/run.ts'
import type { OutputName } from '../inputs/inputs.ts'
import type { Place } from '../policy/place.ts'
import type { Content } from '../report/content.ts'

/** Where a run happens: a step of a GitHub workflow, or a terminal. */
export interface Host {
  /** The run of a workflow of GitHub's that it is in. */
  readonly run?: Run | undefined
  /** Says something, line by line. */
  say(text: string): void
  /** Says something that should be looked at. */
  warn(text: string): void
  /** Says what is wrong, and where in a file if it is in one. */
  complain(text: string, place?: Place & { readonly file: string }): void
  /** Says how far it is; what is said next may take its place. */
  progress(text: string): void
  output(name: OutputName, value: string): void
  /** Shows the report: in the job's summary and log, or on the terminal. */
  report(content: Content): void
}
