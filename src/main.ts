import { runAction } from './shells/action.ts'

await runAction()
