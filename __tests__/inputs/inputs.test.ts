import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { parse as parseYaml } from 'yaml'
import { INPUTS, OUTPUTS } from '../../src/inputs/inputs.ts'

test('every input has a name of its own, and every variable too', () => {
  const names = INPUTS.map(({ name }) => name)
  const variables = INPUTS.flatMap(({ variable }) => variable ?? [])
  expect(new Set(names).size).toBe(names.length)
  expect(new Set(variables).size).toBe(variables.length)
  expect(new Set(OUTPUTS.map(({ name }) => name)).size).toBe(OUTPUTS.length)
})

test('what is secret has a variable, and nothing else that sounds like it is not secret', () => {
  for (const { name, secret, variable } of INPUTS) {
    if (secret === true) expect(variable).toMatch(/^[A-Z_]+$/)
    expect(secret === true).toBe(/password|token|secret/.test(name))
  }
})

describe('action.yml', () => {
  const action: unknown = parseYaml(readFileSync('action.yml', 'utf8'))

  test('has the inputs, with what they say and their defaults', () => {
    expect(action).toHaveProperty(
      'inputs',
      Object.fromEntries(
        INPUTS.map(({ name, description, expression, default: value = expression }) => [
          name,
          { description, required: false, ...(value === undefined ? {} : { default: value }) },
        ]),
      ),
    )
  })

  test('has the outputs, and runs what is built', () => {
    expect(action).toHaveProperty(
      'outputs',
      Object.fromEntries(OUTPUTS.map(({ name, description }) => [name, { description }])),
    )
    expect(action).toHaveProperty('runs', { using: 'node24', main: 'dist/main.js' })
  })
})

test('the README has every input and output in its tables', () => {
  const rows = readFileSync('README.md', 'utf8')
    .split('\n')
    .map((line) => line.replaceAll(/ +/g, ' '))
  for (const { name, description } of [...INPUTS, ...OUTPUTS]) {
    expect(rows.filter((row) => row.startsWith(`| \`${name}\` | ${description} |`))).not.toEqual([])
  }
})
