import { Builder } from '../stand-in/load/build.ts'
import type { Registry } from '../stand-in/state/registry.ts'

const MB = 1_000_000

/**
 * A registry as one finds them: releases beside pull request builds, images for two platforms with attestations,
 * signatures, a Helm chart, immutable tags, leftovers of overwritten tags, tags that share a digest, nested names.
 *
 * @param now all times are counted back from here
 */
export function fillRegistry(registry: Registry, now: number): void {
  const builder = new Builder(registry)
  for (const name of ['shop', 'platform', 'sandbox']) registry.addProject({ name })
  registry.addImmutableRule('platform', { tags: 'release-*' })
  releases(builder, now)
  pullRequests(builder, now)
  branches(builder, now)
  platformImages(builder, now)
  charts(builder, now)
  sandbox(builder, now)
}

function daysBefore(now: number, days: number): number {
  return now - days * 86_400_000
}

/** Releases of the shop's backend. The newest has more than one name; some are signed; one was pulled yesterday. */
function releases(builder: Builder, now: number): void {
  const versions = ['1.0.0', '1.0.1', '1.1.0', '1.2.0', '2.0.0-rc.1', '2.0.0', '2.0.1', '2.1.0']
  for (const [index, version] of versions.entries()) {
    const days = 300 - index * 35
    const newest = index === versions.length - 1
    const image = builder.image('shop/backend', {
      tags: newest ? [`v${version}`, 'v2', 'latest', 'stable'] : [`v${version}`],
      layers: [
        { name: 'debian', size: 30 * MB },
        { name: `backend ${version}`, size: 8 * MB },
      ],
      pushed: daysBefore(now, days),
      ...(index % 3 === 0 ? { pulled: daysBefore(now, Math.min(days, 1 + index * 20)) } : {}),
    })
    if (index >= 5) builder.sign('shop/backend', image.digest, 'sig', daysBefore(now, days))
    if (index >= 6) {
      builder.refer(image, 'application/spdx+json', `{"sbom":"${version}"}`, daysBefore(now, days))
    }
  }
}

/** Three builds for each pull request: two of them lost their tag to the next one. */
function pullRequests(builder: Builder, now: number): void {
  for (let number = 401; number <= 412; number += 1) {
    for (let build = 1; build <= 3; build += 1) {
      builder.image('shop/backend', {
        tags: [`pr-${number}`],
        layers: [
          { name: 'debian', size: 30 * MB },
          { name: `backend pr-${number} ${build}`, size: 8 * MB },
        ],
        pushed: daysBefore(now, (412 - number) * 6 + 4 - build),
        ...(number === 403 ? { labels: ['keep'] } : {}),
      })
    }
  }
}

function branches(builder: Builder, now: number): void {
  for (let build = 1; build <= 25; build += 1) {
    const commit = (0x9f3c1a + build * 0x01f35d).toString(16).slice(0, 7)
    builder.image('shop/web/frontend', {
      tags: build === 25 ? [`main-${commit}`, 'main'] : [`main-${commit}`],
      layers: [
        { name: 'node', size: 20 * MB },
        { name: `frontend ${commit}`, size: 3 * MB },
      ],
      pushed: daysBefore(now, 100 - build * 4),
      ...(build % 4 === 0 ? { pulled: daysBefore(now, 100 - build * 4) } : {}),
    })
  }
}

/** Images for two platforms. The old one for arm64 has a tag of its own. */
function platformImages(builder: Builder, now: number): void {
  for (const [index, name] of ['release-1', 'release-2', 'nightly-1', 'nightly-2', 'nightly-3'].entries()) {
    const days = 200 - index * 40
    const images = ['linux/amd64', 'linux/arm64'].map((platform) =>
      builder.image('platform/base/os', {
        tags: name === 'nightly-1' && platform === 'linux/arm64' ? ['nightly-1-arm64'] : [],
        platform,
        layers: [{ name: `os ${name} ${platform}`, size: 25 * MB }],
        pushed: daysBefore(now, days),
      }),
    )
    builder.index('platform/base/os', {
      tags: [name],
      images,
      attestations: true,
      pushed: daysBefore(now, days),
    })
  }
}

function charts(builder: Builder, now: number): void {
  for (const [index, version] of ['0.9.0', '1.0.0', '1.1.0+build.7'].entries()) {
    builder.chart('platform/charts/shop', {
      name: 'shop',
      version,
      pushed: daysBefore(now, 150 - index * 60),
    })
  }
}

/** What somebody tried out, and the attestation of an image that is gone. */
function sandbox(builder: Builder, now: number): void {
  for (let attempt = 1; attempt <= 6; attempt += 1) {
    builder.image('sandbox/try/it-out', {
      tags: attempt % 2 === 0 ? [] : [`attempt.${attempt}`],
      layers: [{ name: `attempt ${attempt}`, size: 12 * MB }],
      pushed: daysBefore(now, 90 - attempt * 10),
    })
  }
  builder.sign('sandbox/try/it-out', `sha256:${'5'.repeat(64)}`, 'att', daysBefore(now, 80))
}
