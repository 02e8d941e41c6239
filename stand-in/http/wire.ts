// What both stand-ins do with the wire: bodies in, and answers that something on the way spoils.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Fault } from './faults.ts'
import type { Reply } from './reply.ts'

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}

/** Whether a fault hits before anything is done. */
export function beforeActing(fault: Fault): boolean {
  if (fault.kind === 'busy') return true
  if (fault.kind === 'delay' || fault.kind === 'truncate') return false
  return fault.acted !== true
}

/** As nginx answers in the place of what is behind it. */
export function page(status: 502 | 503 | 504): Reply {
  const title = {
    502: '502 Bad Gateway',
    503: '503 Service Temporarily Unavailable',
    504: '504 Gateway Time-out',
  }
  const text = title[status]
  return {
    status,
    headers: { 'content-type': 'text/html', server: 'nginx' },
    body: `<html>\r\n<head><title>${text}</title></head>\r\n<body>\r\n<center><h1>${text}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`,
  }
}

export function truncate(
  response: ServerResponse,
  reply: Reply,
  { bytes, complete = false }: Extract<Fault, { kind: 'truncate' }>,
): void {
  const part = Buffer.from(reply.body).subarray(0, bytes)
  if (complete) {
    const { 'content-length': _whole, ...headers } = reply.headers
    response.writeHead(reply.status, { ...headers, 'content-length': part.length })
    response.end(part)
    return
  }
  response.writeHead(reply.status, reply.headers)
  response.write(part, () => {
    response.destroy()
  })
}
