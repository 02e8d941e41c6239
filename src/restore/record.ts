import type { BinItem } from '../bin/bin.ts'
import { Journal } from '../bin/journal.ts'
import { JOURNAL_FORMAT } from '../bin/records.ts'
import type { Digest } from '../inventory/types.ts'
import { formatInstant, type Instant } from '../shared/instant.ts'

/** What a restore writes into the bin: which items it put back, under the plans that deleted them. */
export class RestoreRecord {
  readonly #journal: Journal
  readonly #tool: string
  #plan: Digest | undefined

  private constructor(journal: Journal, tool: string) {
    this.#journal = journal
    this.#tool = tool
  }

  /** @throws Error of Node's when nothing can be written there */
  static async begin(folder: string, tool: string, present: Instant): Promise<RestoreRecord> {
    const time = formatInstant(present).replaceAll(/[-:.]/g, '')
    return new RestoreRecord(await Journal.begin(folder, `${time}-restore.ndjson`), tool)
  }

  /** @throws Error of Node's when it isn't known to be on the disk */
  async add({ plan, harbor, item }: BinItem, present: Instant): Promise<void> {
    const at = formatInstant(present)
    const record = { record: 'restored', at, item } as const
    const begun = { record: 'begun', format: JOURNAL_FORMAT, at, tool: this.#tool, plan, harbor } as const
    const isOfSame = this.#plan === plan
    // What is added goes into the file in the order in which it is added: no other may come between these.
    this.#plan = plan
    await this.#journal.add(...(isOfSame ? [record] : [begun, record]))
  }

  close(): Promise<void> {
    return this.#journal.close()
  }
}
