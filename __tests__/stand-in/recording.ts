// The exchanges with real Harbors that the stand-in is measured against, as they were recorded.
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { parseJson } from '../../stand-in/state/json.ts'

export interface Recording {
  /** `recordings/043`: as the stand-in's README names it. */
  readonly id: string
  readonly name: string
  readonly note?: string
  readonly request: {
    readonly method: string
    readonly path: string
    readonly auth: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: unknown
  }
  readonly response: {
    readonly status: number
    readonly headers: readonly (readonly [string, string])[]
    readonly body?: unknown
  }
}

export const FIXTURES = path.join(import.meta.dirname, '../fixtures/harbor')
export const LAB = path.join(FIXTURES, 'lab')

export function recordings(folder: string): Recording[] {
  const directory = path.join(FIXTURES, folder)
  return readdirSync(directory)
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => {
      const recorded = parseJson<Omit<Recording, 'id'>>(readFileSync(path.join(directory, file), 'utf8'))
      return { id: `${folder}/${file.slice(0, 3)}`, ...recorded }
    })
}

const README = path.join(import.meta.dirname, '../../stand-in/README.md')

/** The exchanges that the stand-in's README says it doesn't reproduce: the one list of them. */
export function notReproduced(): Set<string> {
  const table = readFileSync(README, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .join('\n')
  return new Set(table.match(/recordings(?:-[\w.]+)?\/\d{3}/g))
}
