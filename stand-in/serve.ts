// A stand-in Harbor as a program: prints its URL on a line, runs until it is told to stop.
//   node stand-in/serve.ts [--port N] [--load LAB | --shape SHAPE --artifacts N]
//     [--costs harbor] [--timings harbor] [--version 2.10.3] [--password P]
import process from 'node:process'
import { parseArgs } from 'node:util'
import { loadLab } from './load/lab.ts'
import { SHAPES, loadShape } from './load/shapes.ts'
import { type StandInOptions, startStandIn } from './stand-in.ts'

const AS_HARBOR = ['none', 'harbor'] as const
const VERSIONS = ['2.15.1', '2.10.3'] as const

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    load: { type: 'string' },
    shape: { type: 'string' },
    artifacts: { type: 'string', default: '1000' },
    costs: { type: 'string', default: 'none' },
    timings: { type: 'string', default: 'none' },
    version: { type: 'string', default: '2.15.1' },
    password: { type: 'string', default: 'Harbor12345' },
  },
})

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value)
  if (found !== undefined) return found
  console.error(`--${option} must be one of ${allowed.join(', ')}`)
  process.exit(2)
}

const options: StandInOptions = {
  port: Number(values.port),
  costs: oneOf('costs', values.costs, AS_HARBOR),
  timings: oneOf('timings', values.timings, AS_HARBOR),
  version: oneOf('version', values.version, VERSIONS),
  adminPassword: values.password,
  keepLog: false,
}
const standIn = await startStandIn(options)
if (values.load !== undefined) loadLab(standIn.registry, values.load)
if (values.shape !== undefined) {
  loadShape(standIn.registry, oneOf('shape', values.shape, SHAPES), Number(values.artifacts))
}
console.log(standIn.url)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void standIn.close().then(() => process.exit(0))
  })
}
