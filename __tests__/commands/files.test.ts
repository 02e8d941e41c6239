/** @jest-environment ./__tests__/helpers/environment.mjs */
// Files that the user named: read with words of what to do, written whole or not at all.
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { readInputFile, writeOutputFile } from '../../src/commands/files.ts'
import { Folder } from '../helpers/program.ts'
import { runModule } from '../helpers/script.ts'

let folder: Folder
beforeEach(() => {
  folder = new Folder()
})
afterEach(() => {
  folder.remove()
})

const at = (name: string): string => path.join(folder.path, name)

describe('reading', () => {
  test('its bytes', async () => {
    folder.write('policy.yml', new Uint8Array([0xef, 0xbb, 0xbf, 0, 255]))
    expect([...(await readInputFile(at('policy.yml'), 'policy'))]).toEqual([0xef, 0xbb, 0xbf, 0, 255])
  })

  test.each([
    ['nope.yml', 'there is no such file'],
    ['.', 'EISDIR: illegal operation on a directory, read'],
  ])('%s: %s', async (name, words) => {
    await expect(readInputFile(at(name), 'policy')).rejects.toMatchObject({
      name: 'Failed',
      message: `${at(name)}: ${words}; see the input \`policy\``,
      outcome: { status: 2, reason: 'bad-input' },
    })
  })
})

describe('writing', () => {
  test('where somebody removed the current folder: is refused at once', async () => {
    const code = `
      import { rmdirSync } from 'node:fs'
      import { writeOutputFile } from '{src}/commands/files.ts'
      process.chdir(${JSON.stringify(folder.path)})
      rmdirSync(process.cwd())
      await writeOutputFile('a/b.json', 'plan-file', ['x']).catch(({ message }) => console.log(message))`
    expect(await runModule(code)).toMatch(
      /^a\/b\.json could not be written: ENOENT: no such file or directory, open .*; see the input `plan-file`$/,
    )
  })

  test('in folders that are made, in the place of what was there', async () => {
    await writeOutputFile(at('a/b/c.json'), 'plan-file', ['old old old'])
    await writeOutputFile(at('a/b/c.json'), 'plan-file', ['n', 'e', 'w'])
    expect(folder.files()).toEqual(new Map([['a/b/c.json', 'new']]))
  })

  test('much, in many pieces', async () => {
    const pieces = Array.from({ length: 50_000 }, (_, index) => `line ${index} äöü\n`)
    await writeOutputFile(at('long.ndjson'), 'decisions-file', pieces)
    expect(folder.read('long.ndjson')).toBe(pieces.join(''))
  })

  test('nothing', async () => {
    await writeOutputFile(at('empty.json'), 'plan-file', [])
    expect(folder.read('empty.json')).toBe('')
  })

  test('where a folder is: told, and nothing half-written is left', async () => {
    mkdirSync(at('there'))
    await expect(writeOutputFile(at('there'), 'plan-file', ['x'])).rejects.toThrow(
      /^\S+there could not be written: EISDIR: .*; see the input `plan-file`$/,
    )
    expect([...folder.files().keys()]).toEqual([])
  })

  test('in a file as if it were a folder: told', async () => {
    folder.write('file', 'x')
    await expect(writeOutputFile(at('file/plan.json'), 'plan-file', ['x'])).rejects.toThrow(
      /plan\.json could not be written: E(?:EXIST|NOTDIR): .*; see the input `plan-file`$/,
    )
  })

  test('when making the content fails: nothing is left', async () => {
    function* pieces(): Generator<string> {
      yield 'x'.repeat(100_000)
      throw new Error('no more')
    }
    folder.write('plan.json', 'old')
    await expect(writeOutputFile(at('plan.json'), 'plan-file', pieces())).rejects.toThrow('no more')
    expect(folder.files()).toEqual(new Map([['plan.json', 'old']]))
  })

  test('under a name that is too long: told, with the input', async () => {
    await expect(writeOutputFile(at(`${'d'.repeat(245)}.json`), 'plan-file', ['x'])).rejects.toThrow(
      /could not be written: ENAMETOOLONG: .*; see the input `plan-file`$/,
    )
  })
})
