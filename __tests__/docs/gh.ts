// `gh` as the examples' scripts call it, `gh api <path> --jq <filter>`: it asks the stand-in GitHub, and of runs of
// workflows, which that one has none of, what the runner has noted down.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A run of a workflow, as GitHub's API tells of it. */
export interface RunToTell {
  readonly workflow: string
  readonly event: string
  readonly head: string
  readonly from: string
  readonly id: number
  readonly ok: boolean
}

const GH = `#!/bin/sh
[ "$1 $3" = 'api --jq' ] && [ -n "$GH_TOKEN" ] || exit 4
case $2 in
  */actions/workflows/*)
    noted="$(dirname "$0")/api/$(jq -rn --arg path "$2" '$path | @uri')"
    [ -e "$noted" ] || noted="$(dirname "$0")/none"
    exec jq -r "$4" "$noted"
    ;;
esac
answer=$(curl --fail-with-body --silent -H "authorization: bearer $GH_TOKEN" "$GITHUB_API_URL/$2") || {
  echo "gh: $2: $answer" >&2
  exit 1
}
echo "$answer" | jq -r "$4"
`

/** A folder for the PATH that has `gh`. */
export class Gh {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'dredge-gh-'))

  /** @param runs all that there were */
  constructor(repository: string, runs: readonly RunToTell[]) {
    writeFileSync(path.join(this.folder, 'gh'), GH, { mode: 0o755 })
    writeFileSync(path.join(this.folder, 'none'), '{"workflow_runs":[]}')
    mkdirSync(path.join(this.folder, 'api'))
    for (const { workflow, event, head } of runs) {
      const asked = `repos/${repository}/actions/workflows/${workflow}/runs?event=${event}&status=success&head_sha=${head}`
      const found = runs.filter(
        (each) => each.ok && each.workflow === workflow && each.event === event && each.head === head,
      )
      const told = found.map(({ id, from }) => ({ id, run_number: id, head_repository: { full_name: from } }))
      writeFileSync(
        path.join(this.folder, 'api', encodeURIComponent(asked)),
        JSON.stringify({ workflow_runs: told }),
      )
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}
