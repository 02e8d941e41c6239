// The policy file as people write it. This is the one source of the checks, of the compiled values, and of the JSON
// Schema that editors use.
import * as v from 'valibot'
import { duration, grouping, instant, patternList, range, regex, sizeBound } from './leaves.ts'
import { KEEP_ORDERS, OVERWRITES, VERIFICATIONS } from './types.ts'

const EMPTY = 'an empty mapping says nothing'

const conditionEntries = {
  'pushed-within': v.optional(duration('Pushed, or put on this image, less than this ago.')),
  'not-pushed-for': v.optional(duration('Neither pushed nor put on this image for this long.')),
  'pulled-within': v.optional(duration('Pulled less than this ago; not pulled since counts from the push.')),
  'not-pulled-for': v.optional(duration('Not pulled for this long; not pulled since counts from the push.')),
  'created-within': v.optional(duration('Built less than this ago; unknown build times decide for keeping.')),
  'not-created-for': v.optional(
    duration('Built at least this long ago; unknown build times decide for keeping.'),
  ),
  'severity-at-least': v.optional(
    v.pipe(
      v.picklist(['Negligible', 'Low', 'Medium', 'High', 'Critical']),
      v.description(
        'The worst vulnerability that the last scan found. Not read yet: counts as unknown, so it keeps.',
      ),
    ),
  ),
}

const selectEntries = {
  projects: v.optional(patternList('Project names.')),
  repositories: v.optional(patternList('Full repository names: project/repository.')),
  tags: v.optional(patternList('Tag names.')),
  labels: v.optional(patternList('Names of labels on the artifact.')),
  types: v.optional(patternList("Harbor's artifact types: IMAGE, CHART, …")),
  platforms: v.optional(
    patternList('Platforms, of an index any of them: linux/arm64 (any variant), linux/arm/v7.'),
  ),
  semver: v.optional(range),
  prerelease: v.optional(v.pipe(v.boolean(), v.description('Versions that are, or are not, prereleases.'))),
  signed: v.optional(
    v.pipe(v.boolean(), v.description('Artifacts with, or without, a cosign or notation signature.')),
  ),
  size: v.optional(sizeBound),
  untagged: v.optional(v.pipe(v.boolean(), v.description('true: artifacts without a tag instead of tags.'))),
  orphans: v.optional(
    v.pipe(
      v.boolean(),
      v.description('true: cosign tags (sha256-….sig, .att, .sbom) whose subject is gone.'),
    ),
  ),
}

const conditions = v.pipe(
  v.strictObject(conditionEntries),
  v.check((given) => Object.keys(given).length > 0, `${EMPTY}; write \`always\` for no condition`),
)

const action = v.optional(v.union([v.literal('always'), conditions]))

const name = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, 'a name must not be empty'),
  v.maxLength(100, 'a name has 100 characters at most; say more in a comment'),
  v.regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'a name is one line of characters that can be seen'),
)

const keep = v.pipe(
  v.strictObject({
    newest: v.optional(
      v.pipe(wholeNumber(1), v.description('Images (distinct digests) to keep of each group.')),
    ),
    by: v.optional(
      v.pipe(v.picklist(KEEP_ORDERS), v.description('What makes an image newer; pushed if not given.')),
    ),
    per: v.optional(grouping),
    ...conditionEntries,
  }),
  v.check((given) => Object.keys(given).length > 0, `${EMPTY}; leave \`keep\` out to exempt nothing`),
)

const rule = v.strictObject({
  name,
  select: v.pipe(
    v.strictObject(selectEntries),
    v.check((given) => Object.keys(given).length > 0, `${EMPTY}; write \`tags: ["**"]\` for every tag`),
    v.description("Who belongs to the rule's family. All that is given must hold."),
  ),
  keep: v.optional(
    v.pipe(keep, v.description('Exempts members of the family: the newest, and each condition on its own.')),
  ),
  delete: action,
  archive: action,
  copy: action,
})

const protection = v.strictObject({ name, ...selectEntries, ...conditionEntries })

const mirror = v.strictObject({
  repository: v.optional(
    v.pipe(
      v.string(),
      v.check(
        (template) => template.replaceAll(/\{(?:project|repository)\}/g, '').match(/[{}]/) === null,
        ({ input }) => `\`${input}\` has more in braces than {project} and {repository}`,
      ),
      v.description(
        'The target repository under the mirror that the workflow gives; {project}/{repository} if not given.',
      ),
    ),
  ),
  replace: v.optional(v.array(v.strictObject({ from: regex, to: v.string() }))),
  overwrite: v.optional(
    v.pipe(
      v.picklist(OVERWRITES),
      v.description('What to do where a tag stands on another image at the mirror already (never).'),
    ),
  ),
  verify: v.optional(
    v.pipe(
      v.picklist(VERIFICATIONS),
      v.description(
        'What is asked for at the mirror after a copy: its digest, or deep: every child and blob too.',
      ),
    ),
  ),
  'stall-timeout': v.optional(duration('How long a copy may move nothing before it is tried again (5m).')),
})

const limits = v.strictObject({
  'max-deletes': v.optional(
    v.pipe(wholeNumber(0), v.description('Units at most that a plan may delete (1000).')),
  ),
  'max-delete-percent': v.optional(
    v.pipe(
      v.number(),
      v.minValue(0, 'is below 0'),
      v.maxValue(100, 'is over 100'),
      v.description('Percent at most of all units read that a plan may delete (50).'),
    ),
  ),
  'keep-per-repository': v.optional(
    v.pipe(
      wholeNumber(0),
      v.description('Newest tagged images of each repository that are never deleted (1).'),
    ),
  ),
  grace: v.optional(duration('What was pushed more recently is never deleted (24h).')),
  'max-plan-age': v.optional(duration('How old a plan may be when it is applied (7d).')),
  'remove-empty-repositories': v.optional(
    v.pipe(v.boolean(), v.description('Whether an apply removes repositories that it leaves empty (false).')),
  ),
})

const test = v.looseObject({ name, now: v.optional(instant) })

export const policySchema = v.strictObject({
  version: v.literal(1),
  scope: v.optional(
    v.pipe(
      v.strictObject({ projects: selectEntries.projects, repositories: selectEntries.repositories }),
      v.check((given) => Object.keys(given).length > 0, `${EMPTY}; leave \`scope\` out to read everything`),
      v.description('What is read; everything that the account can see if not given.'),
    ),
  ),
  protect: v.optional(
    v.pipe(v.array(protection), v.description('What is never deleted, whatever the rules say.')),
  ),
  rules: v.pipe(
    v.array(rule),
    v.minLength(1, 'a policy without a rule does nothing'),
    v.description('What is deleted, archived, copied. Nothing goes that no rule names.'),
  ),
  mirror: v.optional(mirror),
  limits: v.optional(limits),
  gc: v.optional(
    v.strictObject({
      run: v.optional(
        v.pipe(v.boolean(), v.description('Whether garbage is collected after an apply (false).')),
      ),
      'delete-untagged': v.optional(
        v.pipe(
          v.boolean(),
          v.description(
            'Whether Harbor then deletes every artifact without a tag, of any age and project (false).',
          ),
        ),
      ),
      wait: v.optional(duration('How long to wait for it (30m).')),
    }),
  ),
  trash: v.optional(
    v.strictObject({ keep: v.optional(duration('How long what was deleted stays restorable.')) }),
  ),
  tests: v.optional(v.array(test)),
})

/** A policy as it is written, its values compiled, before defaults and cross-checks. */
export type WrittenPolicy = v.InferOutput<typeof policySchema>
export type WrittenRule = v.InferOutput<typeof rule>
export type WrittenSelect = WrittenRule['select']
export type WrittenConditions = v.InferOutput<typeof conditions>

function wholeNumber(least: number): v.GenericSchema<number, number> {
  return v.pipe(v.number(), v.integer('is not a whole number'), v.minValue(least, `is less than ${least}`))
}
