// Asking a stand-in, in few words.
import type { StandIn } from '../../stand-in/stand-in.ts'

export interface Asked {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: unknown
}

export class Client {
  private readonly standIn: StandIn
  private readonly authorization: string

  constructor(standIn: StandIn, name = 'admin', password = 'Harbor12345') {
    this.standIn = standIn
    this.authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
  }

  async ask(
    method: string,
    path: string,
    options: { body?: unknown; headers?: Readonly<Record<string, string>> } = {},
  ): Promise<Asked> {
    const { body } = options
    const sent = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(`${this.standIn.url}${path}`, {
      method,
      headers: { authorization: this.authorization, ...options.headers },
      ...(body !== undefined && { body: sent }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') === true && text !== ''
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    }
  }

  get(path: string): Promise<Asked> {
    return this.ask('GET', path)
  }
}
