// Bearer tokens for the distribution API: good for the repositories and actions that they were made for.
import { randomBytes } from 'node:crypto'
import type { Registry } from '../state/registry.ts'
import type { Caller } from './caller.ts'

const SECONDS = 1800

export interface Grant {
  readonly repository: string
  readonly actions: readonly string[]
}

export class Tokens {
  private readonly registry: Registry
  private readonly issued = new Map<string, { caller: Caller; expires: number }>()

  constructor(registry: Registry) {
    this.registry = registry
  }

  issue(name: string, grants: readonly Grant[]): { token: string; expiresIn: number; issued: number } {
    const token = randomBytes(48).toString('base64url')
    const issued = this.registry.clock.now()
    this.issued.set(token, { caller: { kind: 'token', name, grants }, expires: issued + SECONDS * 1000 })
    return { token, expiresIn: SECONDS, issued }
  }

  caller(token: string): Caller | undefined {
    const found = this.issued.get(token)
    return found !== undefined && found.expires > this.registry.clock.now() ? found.caller : undefined
  }
}
