/** `supervise rehearse`: a story, a summary of many runs, or a comparison with a recording. */
import { readFileSync, writeFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import type { Action } from "../../core/Action.ts"
import type { JournalEntry } from "../../core/Journal.ts"
import { entryLine, headerLine } from "../../core/Journal.ts"
import { sayNews } from "../../core/Sentence.ts"
import { BadRehearsal } from "../../sim/BadRehearsal.ts"
import { invariants } from "../../sim/invariants/invariants.ts"
import { CampaignStats } from "../../sim/measure/CampaignStats.ts"
import { runsOf } from "../../sim/measure/campaign.ts"
import { readJournal, replay } from "../../sim/replay.ts"
import { rehearse, type SimulateOptions } from "../../sim/simulate.ts"
import { encodeTree } from "../../tree/decode.ts"
import { redactSpec } from "../../tree/redactSpec.ts"
import type { Tree } from "../../tree/Spec.ts"
import { CommandFailed } from "../CommandFailed.ts"
import { EXIT } from "../exitCodes.ts"
import { errors } from "../print/errors.ts"
import { paintFor } from "../print/lines.ts"
import { NotWritten, print } from "../print/print.ts"
import { jsonText } from "../print/terminal.ts"
import { whyNot } from "../record.ts"
import { clockOf } from "./figuresText.ts"
import { load, type RehearsalInput, tried, worldOf } from "./RehearsalInput.ts"
import { rehearseWithNews, type Story, storyOf } from "./story.ts"
import { summaryOf } from "./summary.ts"

interface Input extends RehearsalInput {
  readonly runs: number | undefined
  readonly all: boolean
  readonly json: boolean
  readonly record: string | undefined
  readonly replay: string | undefined
  readonly showSecrets: boolean
}

/** This many take minutes. */
const MAX_RUNS = 1_000_000

export const rehearseTree = Effect.fnUntraced(function* (input: Input) {
  const tree = yield* load(input)
  const { runs } = input
  if (input.replay !== undefined) {
    const other = runs !== undefined ? "--runs" : input.json ? "--json" : input.record !== undefined ? "--record" : undefined
    if (other !== undefined) return yield* new BadRehearsal({ because: `--replay compares one recording, and takes no ${other}.` })
    return yield* replayFile(tree, input.replay)
  }
  if (runs !== undefined && !(runs >= 1 && runs <= MAX_RUNS))
    return yield* new BadRehearsal({ because: `--runs ${runs} should be between 1 and ${MAX_RUNS}.` })
  const options = yield* worldOf(input)
  yield* runs === undefined ? one(tree, input, options) : many(tree, { ...input, runs }, { ...options, ...checked })
})

/**
 * After its time the tree is left to recover and told to stop. That is not part of the story, but every invariant must
 * hold.
 */
const checked = { calm: "3650 days", stop: true, invariants } as const

const one = Effect.fnUntraced(function* (tree: Tree, input: Input, options: SimulateOptions) {
  const shown = input.showSecrets ? <A>(value: A): A => value : redactSpec
  const lines = [headerLine({ tree: shown(encodeTree(tree)), seed: input.seed })]
  const watch = (entry: JournalEntry): void => void (input.record === undefined || lines.push(entryLine(shown(entry))))
  const { rehearsal, news } = yield* tried(() => rehearseWithNews(tree, { ...options, watch }))
  const { violations } = rehearse(tree, { ...options, ...checked })
  if (input.record !== undefined) yield* writeDown(input.record, `${lines.join("\n")}\n`)
  const story = { news, rehearsal: { ...rehearsal, violations } }
  yield* print(input.json ? linesOf(story) : storyOf(story, paintFor(process.stdout), input.all))
})

const many = Effect.fnUntraced(function* (tree: Tree, input: Input & { readonly runs: number }, options: SimulateOptions) {
  if (input.record !== undefined) return yield* new BadRehearsal({ because: "--record writes one rehearsal, but --runs asks for many." })
  const stats = new CampaignStats()
  yield* tried(() => {
    for (const run of runsOf(tree, { ...options, runs: input.runs, seed: input.seed })) stats.add(run)
  })
  const { campaign } = stats
  const { workers, worst, ...figures } = campaign
  const { workers: _, ...worstFigures } = worst
  const asJson = { ...figures, workers: Object.fromEntries(workers), worst: { ...worstFigures, replay: commandFor(worst.seed) } }
  yield* print(input.json ? jsonText(asJson) : summaryOf(campaign, input.seed, commandFor))
})

/** The same command for one rehearsal with this seed. */
function commandFor(seed: number): string {
  const given = process.argv.slice(2)
  const kept = given.filter((word, n) => !/^--(seed|runs|json)\b/.test(word) && !/^--(seed|runs)$/.test(given[n - 1] ?? ""))
  return ["supervise", ...kept.map(quoted), "--seed", String(seed)].join(" ")
}

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

/** A line for each piece of news, and then the figures. */
function linesOf({ rehearsal, news }: Story): string {
  const { workers, ...figures } = rehearsal
  const lines = news.map(({ at, news: { _tag, ...rest } }) =>
    jsonText({ at, event: _tag, ...rest, message: sayNews({ _tag, ...rest } as (typeof news)[number]["news"]) })
  )
  return [...lines, jsonText({ ...figures, workers: Object.fromEntries(workers) })].join("\n")
}

const writeDown = (file: string, text: string): Effect.Effect<void, NotWritten> =>
  Effect.try({
    try: () => writeFileSync(file, text, { flag: "wx", mode: 0o600 }),
    catch: (error) => new NotWritten({ because: whyNot(file, error) })
  })

// ---------------------------------------------------------------- replay

const replayFile = Effect.fnUntraced(function* (tree: Tree, file: string) {
  const text = yield* Effect.try({
    try: () => readFileSync(file, "utf8"),
    catch: (error) => new BadRehearsal({ because: `${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.` })
  })
  const recording = yield* tried(() => readJournal(text, file, encodeTree(tree)))
  const { entries, actions, difference } = yield* tried(() => replay(recording))
  if (difference === undefined) return yield* print(`${file}: ${entries} events; all ${actions} decisions are the same.`)
  const { entry, now } = difference
  const n = now.findIndex((action, n) => JSON.stringify(action) !== JSON.stringify(entry.actions[n]))
  const [recorded, current] = [entry.actions[n < 0 ? now.length : n], now[n]].map(sayAction)
  errors.line(`${file}:${entries + 2} ${clockOf(entry.at)} ${JSON.stringify(entry.event)}\n  then: ${recorded}\n  now:  ${current}`)
  const sentence = `${file} is decided differently: the first ${entries} events are the same, and the next is not.`
  return yield* new CommandFailed({ sentence, code: EXIT.refused })
})

const sayAction = (action: Action | undefined): string =>
  action === undefined ? "nothing more" : JSON.stringify(action, (key, value) => (key === "spec" ? undefined : value))
