// Links between the documents lead somewhere.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'

const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'stand-in/README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join('docs', name)),
]

/** What GitHub makes of a heading. */
function anchorsIn(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8').replaceAll(/^```[^]*?^```$/gm, '')
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function linksIn(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8').replaceAll(/^```[^]*?^```$/gm, '')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^\w+:/.test(link))
}

test.each(DOCUMENTS)('%s', (file) => {
  const broken = linksIn(file).filter((link) => {
    const [target = '', anchor = ''] = link.split('#')
    const there = target === '' ? file : path.join(path.dirname(file), target)
    if (!existsSync(there)) return true
    return anchor !== '' && (statSync(there).isDirectory() || !anchorsIn(there).includes(anchor))
  })
  expect(broken).toEqual([])
})
