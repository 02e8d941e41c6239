// All that the stand-in GitHub keeps: accounts, tokens, repositories.
import type { Account, Rights, Token } from './model.ts'
import { Repository } from './repository.ts'

const HOUR = 3600

export interface Secondary {
  /** How many requests are refused. */
  times: number
  /** Seconds, where GitHub says them. */
  readonly retryAfter?: number
}

export class State {
  readonly clock: () => number
  readonly accounts = new Map<string, Account>()
  readonly tokens = new Map<string, Token>()
  readonly repositories: Repository[] = []
  /** Names that repositories had before. */
  readonly formerNames = new Map<string, Repository>()
  /** The secondary limit is hit, by whomever. */
  secondary: Secondary = { times: 0 }
  #lastId = 100

  constructor(clock: () => number) {
    this.clock = clock
  }

  account(login: string, type?: Account['type']): Account {
    const known = this.accounts.get(login)
    if (known !== undefined) return known
    this.#lastId += 1
    const account = { login, id: this.#lastId, type: type ?? (login.endsWith('[bot]') ? 'Bot' : 'User') }
    this.accounts.set(login, account)
    return account
  }

  addRepository(fullName: string, { isPrivate = false }: { readonly isPrivate?: boolean } = {}): Repository {
    this.#lastId += 1
    const repository = new Repository(fullName, { id: this.#lastId, isPrivate, clock: this.clock })
    this.repositories.push(repository)
    return repository
  }

  /** @param login whose it is: `name[bot]` is an app's, of which `github-actions[bot]` has the tokens of jobs */
  addToken(
    value: string,
    login: string,
    rights: Rights,
    repositories: readonly string[] = this.repositories.map(({ fullName }) => fullName),
  ): Token {
    const owner = this.account(login)
    const token: Token = {
      owner,
      kind: owner.type === 'Bot' ? 'app' : 'user',
      rights,
      repositories: new Set(repositories.map((name) => name.toLowerCase())),
      limit: { most: 1000, left: 1000, resetAt: Math.floor(this.clock() / 1000) + HOUR },
    }
    this.tokens.set(value, token)
    return token
  }

  repository(fullName: string): Repository | undefined {
    const wanted = fullName.toLowerCase()
    return this.repositories.find((one) => one.fullName.toLowerCase() === wanted)
  }

  /** Counts a request; false when there are none left. */
  spend({ limit }: Token): boolean {
    const now = Math.floor(this.clock() / 1000)
    if (now >= limit.resetAt) {
      limit.left = limit.most
      limit.resetAt = now + HOUR
    }
    if (limit.left === 0) return false
    limit.left -= 1
    return true
  }
}
