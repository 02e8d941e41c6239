/** An image could not be copied. The message says what, why, and what to do. */
export class CopyFailed extends Error {
  override readonly name = 'CopyFailed'

  /**
   * @param what the image at the mirror
   * @param hasUrls whether some of its layers are said to be at some URL
   */
  constructor(what: string, words: string, hasUrls: boolean) {
    super(`${what} could not be copied: ${words}${hasUrls ? URLS : ''}`)
  }
}

const URLS =
  '; it has layers with URLs, and registries may take no such image (distribution: `validation.manifests.urls.allow`)'
