// Uploads of blobs on their way in.
import { randomUUID } from 'node:crypto'
import { HarborError } from '../state/error.ts'

interface Upload {
  readonly repository: string
  readonly chunks: Buffer[]
  size: number
}

export class Uploads {
  private readonly underWay = new Map<string, Upload>()

  start(repository: string): string {
    const id = randomUUID()
    this.underWay.set(id, { repository, chunks: [], size: 0 })
    return id
  }

  /** Takes a chunk and says how much there is now. */
  append(repository: string, id: string, chunk: Buffer): number {
    const upload = this.find(repository, id)
    upload.chunks.push(chunk)
    upload.size += chunk.length
    return upload.size
  }

  size(repository: string, id: string): number {
    return this.find(repository, id).size
  }

  /** How much was taken so far of an upload that may not exist. */
  accepted(id: string): number {
    return this.underWay.get(id)?.size ?? 0
  }

  finish(repository: string, id: string): Buffer {
    const { chunks } = this.find(repository, id)
    this.underWay.delete(id)
    return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
  }

  private find(repository: string, id: string): Upload {
    const upload = this.underWay.get(id)
    if (upload?.repository === repository) return upload
    throw new HarborError('BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry', { details: [{}] })
  }
}
