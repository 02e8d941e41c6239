// The Harbor that contract tests ask: a real one where the environment says which, else the stand-in.
import process from 'node:process'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { ADMIN } from '../helpers/connect.ts'
import type { Server } from '../helpers/naive.ts'

export interface Asked {
  readonly server: Server
  /** Undefined for a real one. */
  readonly standIn: StandIn | undefined
}

/** HARBOR_URL, HARBOR_USERNAME and HARBOR_PASSWORD say which, all three of them. */
export async function startServer(): Promise<Asked> {
  const { HARBOR_URL: url, HARBOR_USERNAME: username, HARBOR_PASSWORD: password } = process.env
  if (url !== undefined && username !== undefined && password !== undefined) {
    return { server: { url, username, password }, standIn: undefined }
  }
  const standIn = await startStandIn()
  return { server: { url: standIn.url, ...ADMIN }, standIn }
}
