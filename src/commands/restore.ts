import { binFolder, readBin, type Bin } from '../bin/bin.ts'
import type { Patience } from '../harbor/patiently.ts'
import { DEFAULT_RETRY } from '../harbor/retry.ts'
import type { Settings } from '../inputs/settings.ts'
import { TakeBack } from '../mirror/take-back.ts'
import { check } from '../restore/check.ts'
import { choose, type Chosen } from '../restore/choose.ts'
import { libraryOf } from '../restore/load.ts'
import { Look } from '../restore/look.ts'
import { isTrouble } from '../restore/notes.ts'
import { fetchesOf, foreseen } from '../restore/outcome.ts'
import { putBack } from '../restore/put-back.ts'
import { RestoreRecord } from '../restore/record.ts'
import { missingRights } from '../restore/rights.ts'
import type { Checked, Result } from '../restore/types.ts'
import { counted } from '../report/words.ts'
import { codeOf, messageOf } from '../shared/failure.ts'
import type { Instant } from '../shared/instant.ts'
import type { Host } from '../shells/host.ts'
import { TOOL } from '../version.ts'
import { connectHarbor, type Connected } from './connect.ts'
import { tellingRetries } from './connection.ts'
import { connectWholeMirror } from './mirror-connection.ts'
import { Failed, type Outcome } from './outcome.ts'
import { publishRestored } from './restored.ts'

export interface Restoring {
  readonly settings: Settings
  readonly host: Host
  readonly present: Instant
  readonly connected: Connected
  readonly bin: Bin
  readonly chosen: Chosen
  /** The mirror that was given. */
  readonly archive: TakeBack | undefined
}

/** What was done, and what of it could not be written down. */
export interface Done {
  readonly results: readonly Result[]
  readonly unrecorded: string | undefined
}

/**
 * Puts back what applies deleted, as far as Harbor still has the blobs: all that is in the bin, or what is asked for.
 *
 * @param present the moment of the run
 * @throws Failed when nothing was changed, with why
 */
export async function restore(settings: Settings, host: Host, present: Instant): Promise<Outcome> {
  const bin = await openBin(settings, host)
  const chosen = chooseFrom(bin, settings, host)
  const mirror = settings.mirror.url === '' ? undefined : await connectWholeMirror(settings, host)
  const connected = await connectHarbor(settings, host).catch(async (error: unknown) => {
    await mirror?.close()
    throw error
  })
  try {
    const { changes } = connected
    const archive =
      mirror && new TakeBack({ ...mirror, changes, ...patience(host), say: (text) => host.say(text) })
    const restoring: Restoring = { settings, host, present, connected, bin, chosen, archive }
    refuseReadOnly(restoring)
    const look = new Look(connected.harbor, settings.concurrency)
    const checked = await checkAll(restoring, look)
    if (!settings.list) await refuseWithoutRights(restoring, look, checked)
    const done =
      settings.list || settings.dryRun ? foreseenResults(checked) : await putAllBack(restoring, look, checked)
    return await publishRestored(restoring, done)
  } finally {
    await Promise.all([connected.close(), mirror?.close()])
  }
}

function patience(host: Host): Required<Patience> {
  return {
    retry: DEFAULT_RETRY,
    onRetry: tellingRetries(host),
  }
}

/** @throws Failed when there is nothing in it */
async function openBin({ workDir }: Settings, host: Host): Promise<Bin> {
  const folder = binFolder(workDir)
  const bad = { status: 2, reason: 'bad-input' } as const
  const advice = '`work-dir` has to be the one that apply used, with what a workflow kept of it'
  try {
    const bin = await readBin(folder)
    for (const damage of bin.damage) host.warn(damage)
    if (bin.items.length > 0) return bin
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    throw new Failed(`${folder} cannot be read: ${messageOf(error)}; ${advice}`, bad, { cause: error })
  }
  throw new Failed(`nothing to restore: no apply has written into ${folder}; ${advice}`, bad)
}

/** @throws Failed when what is asked for isn't in it */
function chooseFrom({ folder, items }: Bin, { harbor, only }: Settings, host: Host): Chosen {
  const bad = { status: 2, reason: 'bad-input' } as const
  const here = items.filter((item) => item.harbor === harbor.url)
  if (here.length === 0) {
    const urls = [...new Set(items.map((item) => item.harbor))].join(', ')
    throw new Failed(`everything in ${folder} was deleted from ${urls}; check harbor-url`, bad)
  }
  const chosen = choose(here, only, new URL(harbor.url).host)
  if (chosen.problems.length === 0) return chosen
  for (const problem of chosen.problems) host.complain(problem)
  throw new Failed(`nothing was put back: ${folder} does not have all that is asked for`, bad)
}

function refuseReadOnly({ settings, connected }: Restoring): void {
  if (settings.list || !connected.account.readOnly) return
  const message = `nothing was put back: ${settings.harbor.url} is in read-only mode (Configuration, System Settings); restore once that has ended`
  throw new Failed(message, { status: 1, reason: 'harbor-read-only' })
}

function checkAll(
  { settings, host, bin, chosen, archive }: Restoring,
  look: Look,
): Promise<readonly Checked[]> {
  const { harbor, concurrency, overwriteTags } = settings
  const { items, byName } = chosen
  return check(items, {
    look,
    library: libraryOf(bin.items.filter((item) => item.harbor === harbor.url)),
    byName,
    overwriteTags,
    archive,
    copiedTo: (item) => bin.copies.of(item),
    width: concurrency,
    onChecked: (count) => {
      if (count % 50 === 0) host.progress(`looked at ${count} of ${items.length}`)
    },
  })
}

/** Labels alone are no reason to leave everything gone. */
async function refuseWithoutRights(
  { connected, host }: Restoring,
  look: Look,
  checked: readonly Checked[],
): Promise<void> {
  const missing = await missingRights(connected.harbor, look, checked)
  const wordsOf = ({ project, rights, words }: (typeof missing)[number]): string =>
    `the account may not do this in project ${project}: ${rights.join(', ')}; give the robot ${words} there`
  const fatal = missing.find(({ rights }) => rights.some((right) => right !== 'artifact-label:create'))
  if (fatal !== undefined) {
    throw new Failed(`nothing was put back: ${wordsOf(fatal)}`, { status: 1, reason: 'unauthorized' })
  }
  for (const each of missing) host.warn(`labels will be missing: ${wordsOf(each)}`)
}

function foreseenResults(checked: readonly Checked[]): Done {
  return {
    results: checked.map(({ item, decision }) => ({
      item,
      outcome: foreseen(decision),
      notes: decision.notes,
      fetched: fetchesOf(decision),
    })),
    unrecorded: undefined,
  }
}

async function putAllBack(restoring: Restoring, look: Look, checked: readonly Checked[]): Promise<Done> {
  const { settings, host, present, connected, bin, archive } = restoring
  const due = checked.filter(({ decision }) => decision.steps.length > 0)
  if (due.length === 0) return foreseenResults(checked)
  host.progress(`${counted(due.length, 'image')} to put back`)
  const record = await beginRecord(bin.folder, present)
  const changed = new Set(due.map(({ item }) => item))
  let unrecorded: string | undefined
  let count = 0
  try {
    const results = await putBack(checked, {
      harbor: connected.harbor,
      changes: connected.changes,
      look,
      overwriteTags: settings.overwriteTags,
      archive,
      width: settings.concurrency,
      ...patience(host),
      onResult: async ({ item, outcome, notes }) => {
        if (!changed.has(item)) return
        count += 1
        host.progress(
          `${count} of ${due.length}: ${item.repository} ${item.tags[0] ?? item.digest}: ${outcome}`,
        )
        if (outcome !== 'restored' || notes.some(isTrouble)) return
        await record.add(item, Date.now()).catch((error: unknown) => {
          unrecorded ??= messageOf(error)
        })
      },
    })
    return { results, unrecorded }
  } finally {
    await record.close()
  }
}

async function beginRecord(folder: string, present: Instant): Promise<RestoreRecord> {
  try {
    return await RestoreRecord.begin(folder, TOOL, present)
  } catch (error) {
    const message = `nothing was put back: ${folder} cannot be written to: ${messageOf(error)}; see the input \`work-dir\``
    throw new Failed(message, { status: 1, reason: 'journal' }, { cause: error })
  }
}
