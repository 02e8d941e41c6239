import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Bin } from '../bin/bin.ts'
import type { Connected } from './connect.ts'
import type { Settings } from '../inputs/settings.ts'
import { HarborError } from '../harbor/errors.ts'
import { parsePolicy } from '../policy/parse.ts'
import { jsonLines } from '../report/json-lines.ts'
import { restoredContent, restoreTotals, type RestoreResult } from '../report/restored.ts'
import { isTrouble } from '../restore/notes.ts'
import { failureOf } from '../restore/outcome.ts'
import type { Result } from '../restore/types.ts'
import { codeOf, messageOf } from '../shared/failure.ts'
import type { Duration } from '../shared/duration.ts'
import { formatInstant } from '../shared/instant.ts'
import type { Host } from '../shells/host.ts'
import { TOOL } from '../version.ts'
import { writeOutputFile } from './files.ts'
import type { Outcome } from './outcome.ts'
import type { Done, Restoring } from './restore.ts'

const RESULT_FORMAT = 'harbor-dredge/restored/1'

/** Tells what a restore came to: outputs, report, result file. */
export async function publishRestored(restoring: Restoring, { results, unrecorded }: Done): Promise<Outcome> {
  const { settings, host, present, connected, bin, chosen } = restoring
  const { harbor, workDir, list, dryRun } = settings
  const mode = list ? 'list' : dryRun ? 'dry-run' : 'done'
  const shown = results.map((result) => shownResult(result, bin))
  const totals = restoreTotals(shown)
  host.output('applied', String(mode === 'done' ? totals.restored : 0))
  host.output('skipped', String(totals.skipped))
  host.output('failed', String(totals.partly + totals.lost + totals.failed))
  host.report(
    restoredContent({
      mode,
      results: shown,
      present,
      keep: list ? await keepOf(settings, host) : undefined,
      schedule: list ? await scheduleOf(connected) : '',
      others: othersOf(bin.items, harbor.url),
      earlier: chosen.earlier,
      harborUrl: harbor.url,
      version: connected.account.version,
      tool: TOOL,
      bin: bin.folder,
    }),
  )
  const file = {
    format: RESULT_FORMAT,
    at: formatInstant(present),
    tool: TOOL,
    harbor: harbor.url,
    mode,
    totals,
    results: results.map((result) => written(result)),
  }
  await writeOutputFile(path.join(workDir, 'restored.json'), 'work-dir', jsonLines(file))
  if (unrecorded !== undefined) {
    host.complain(`what came back could not be noted down: ${unrecorded}; see the input \`work-dir\``)
    return { status: 1, reason: 'journal' }
  }
  const failure = mode === 'list' ? undefined : failureOf(results)
  return failure === undefined ? { status: 0, reason: '' } : { status: 1, reason: failure }
}

function shownResult({ item, outcome, notes, fetched }: Result, { copies }: Bin): RestoreResult {
  return {
    item,
    outcome,
    notes: notes.map((note) => ({
      words: note.words,
      // What a tag is on now belongs to the tag.
      names: note.code.startsWith('tag-') ? [note.names.join(' → ')] : note.names,
      harmless: !isTrouble(note),
    })),
    mirrored: {
      blobs: fetched.length,
      bytes: fetched.reduce((sum, { blob }) => sum + blob.size, 0),
      from: [...new Set(fetched.map(({ from }) => from))],
    },
    copiedTo: copies.ofWhole(item),
  }
}

function othersOf(items: readonly { readonly harbor: string }[], url: string): readonly string[] {
  const counts = new Map<string, number>()
  for (const { harbor } of items) if (harbor !== url) counts.set(harbor, (counts.get(harbor) ?? 0) + 1)
  return [...counts].map(([harbor, count]) => `${harbor} (${count})`)
}

/** How long the policy keeps what is deleted; a restore goes without a policy, too. */
async function keepOf({ policy: file }: Settings, host: Host): Promise<Duration | undefined> {
  try {
    const parsed = parsePolicy(await readFile(file, 'utf8'))
    if ('policy' in parsed) return parsed.policy.trash?.keep
    host.warn(`${file} has problems, so how long things are kept (trash.keep) is not known`)
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    if (codeOf(error) !== 'ENOENT') host.warn(`${file} was not read: ${messageOf(error)}`)
  }
  return undefined
}

/** When Harbor collects garbage by itself; empty also where the account may not know. */
async function scheduleOf({ harbor }: Connected): Promise<string> {
  try {
    return await harbor.gcSchedule()
  } catch (error) {
    if (error instanceof HarborError) return ''
    throw error
  }
}

/** As the result file has it. */
function written({ item, outcome, notes, fetched }: Result): Readonly<Record<string, unknown>> {
  const { repository, digest, tags, plan, at } = item
  const mirrored = fetched.map(({ blob, from }) => ({ ...blob, from }))
  return { repository, digest, tags, plan, deleted: formatInstant(at), outcome, notes, mirrored }
}
