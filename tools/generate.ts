// `npm run generate`: writes what follows from the sources: action.yml, the README's tables of inputs and outputs, and
// policy.schema.json for editors. `-- --check` tells what no longer follows.
import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { toJsonSchema } from '@valibot/to-json-schema'
import * as prettier from 'prettier'
import { stringify } from 'yaml'
import { INPUTS, OUTPUTS } from '../src/inputs/inputs.ts'
import { policySchema } from '../src/policy/schema.ts'

function actionFile(): string {
  return stringify(
    {
      name: 'harbor-dredge',
      description: 'Keeps Harbor registries clean from a policy file in Git: plan, review, approve, apply.',
      author: 'harbor-dredge',
      branding: { icon: 'anchor', color: 'blue' },
      inputs: Object.fromEntries(
        INPUTS.map(({ name, description, expression, default: value = expression }) => [
          name,
          { description, required: false, ...(value === undefined ? {} : { default: value }) },
        ]),
      ),
      outputs: Object.fromEntries(OUTPUTS.map(({ name, description }) => [name, { description }])),
      runs: { using: 'node24', main: 'dist/main.js' },
    },
    { lineWidth: 0, singleQuote: true },
  )
}

function schemaFile(): string {
  const schema = toJsonSchema(policySchema, { typeMode: 'input', errorMode: 'ignore' })
  return `${JSON.stringify({ title: 'harbor-dredge policy', ...schema }, null, 2)}\n`
}

/** The README with its tables of inputs and outputs made anew. */
function readmeFile(): string {
  const inputs = INPUTS.map(({ name, description, expression, default: value = expression }) => {
    return `| \`${name}\` | ${description} | ${value === undefined ? '' : `\`${value}\``} |`
  })
  const outputs = OUTPUTS.map(({ name, description }) => `| \`${name}\` | ${description} |`)
  const readme = readFileSync('README.md', 'utf8')
  const withInputs = between(readme, 'inputs', ['| Input | | Default |', '| --- | --- | --- |', ...inputs])
  return between(withInputs, 'outputs', ['| Output | |', '| --- | --- |', ...outputs])
}

function between(text: string, name: string, lines: readonly string[]): string {
  const [start, end] = [`<!-- ${name}: generated -->`, `<!-- /${name} -->`]
  const [from, to] = [text.indexOf(start), text.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`README.md has no ${start} … ${end}`)
  return `${text.slice(0, from)}${start}\n\n${lines.join('\n')}\n\n${text.slice(to)}`
}

const files: Readonly<Record<string, string>> = {
  'action.yml': actionFile(),
  'policy.schema.json': schemaFile(),
  'README.md': readmeFile(),
}

let stale = 0
for (const [file, content] of Object.entries(files)) {
  const options = { ...(await prettier.resolveConfig(file)), filepath: file }
  const formatted = file.endsWith('.json') ? content : await prettier.format(content, options)
  if (process.argv.includes('--check')) {
    if (readFileSync(file, 'utf8') === formatted) continue
    console.error(`${file} doesn't follow from the sources: run npm run generate`)
    stale += 1
  } else {
    writeFileSync(file, formatted)
  }
}
process.exit(stale)
