/** Does what `supervise rehearse` asks for: a story, a summary of many, or a comparison with what was recorded. */
import { readFileSync, writeFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import type { Action } from "../../core/Action.ts"
import type { JournalEntry } from "../../core/Journal.ts"
import { entryLine, headLine } from "../../core/Journal.ts"
import { sayNews } from "../../core/Sentence.ts"
import { BadRehearsal } from "../../sim/BadRehearsal.ts"
import { invariants } from "../../sim/invariants/invariants.ts"
import { CampaignStats } from "../../sim/measure/CampaignStats.ts"
import { runsOf } from "../../sim/measure/campaign.ts"
import { readJournal, replay } from "../../sim/replay.ts"
import { rehearse, type SimulateOptions } from "../../sim/simulate.ts"
import { encodeTree } from "../../tree/decode.ts"
import type { Tree } from "../../tree/Spec.ts"
import { CommandFailed } from "../CommandFailed.ts"
import { EXIT } from "../exitCodes.ts"
import { errors } from "../print/errors.ts"
import { paintFor } from "../print/lines.ts"
import { NotWritten, print } from "../print/print.ts"
import { whyNot } from "../record.ts"
import { clockOf } from "./figuresText.ts"
import { load, type RehearsalInput, tried, worldOf } from "./RehearsalInput.ts"
import { live, type StoryLine, storyOf } from "./story.ts"
import { summaryOf } from "./summary.ts"

interface Input extends RehearsalInput {
  readonly runs: number | undefined
  readonly all: boolean
  readonly json: boolean
  readonly record: string | undefined
  readonly replay: string | undefined
}

/** So many are a matter of minutes. */
const MOST_RUNS = 1_000_000

export const rehearseTree = Effect.fnUntraced(function* (input: Input) {
  const tree = yield* load(input)
  const { runs } = input
  if (input.replay !== undefined) {
    const other = runs !== undefined ? "--runs" : input.json ? "--json" : input.record !== undefined ? "--record" : undefined
    if (other !== undefined) return yield* new BadRehearsal({ because: `--replay compares one recorded life, and takes no ${other}.` })
    return yield* again(tree, input.replay)
  }
  if (runs !== undefined && !(runs >= 1 && runs <= MOST_RUNS))
    return yield* new BadRehearsal({ because: `--runs ${runs} should be between 1 and ${MOST_RUNS}.` })
  const options = yield* worldOf(input)
  yield* runs === undefined ? one(tree, input, options) : many(tree, { ...input, runs }, { ...options, ...examined })
})

/** After its time the tree is watched coming to rest, and stopping: no part of the story, but it must go as promised. */
const examined = { calm: "3650 days", stop: true, invariants } as const

const one = Effect.fnUntraced(function* (tree: Tree, input: Input, options: SimulateOptions) {
  const lines = [headLine({ tree: encodeTree(tree), seed: input.seed })]
  const watch = (moment: JournalEntry): void => void (input.record === undefined || lines.push(entryLine(moment)))
  const told = yield* tried(() => live(tree, { ...options, watch }))
  const { violations } = rehearse(tree, { ...options, ...examined })
  if (input.record !== undefined) yield* writeDown(input.record, `${lines.join("\n")}\n`)
  const examinedToo = { ...told, rehearsal: { ...told.rehearsal, violations } }
  yield* print(input.json ? linesOf(examinedToo) : storyOf(examinedToo, paintFor(process.stdout), input.all))
})

const many = Effect.fnUntraced(function* (tree: Tree, input: Input & { readonly runs: number }, options: SimulateOptions) {
  if (input.record !== undefined)
    return yield* new BadRehearsal({ because: "--record writes down one rehearsal, and --runs asks for many." })
  const tally = new CampaignStats()
  yield* tried(() => {
    for (const run of runsOf(tree, { ...options, runs: input.runs, seed: input.seed })) tally.add(run)
  })
  const { campaign } = tally
  const { workers, worst, ...figures } = campaign
  const { workers: _, ...worstFigures } = worst
  const asJson = { ...figures, workers: Object.fromEntries(workers), worst: { ...worstFigures, replay: commandFor(worst.seed) } }
  yield* print(input.json ? JSON.stringify(asJson) : summaryOf(campaign, input.seed, commandFor))
})

/** The same command with this seed, for one rehearsal. */
function commandFor(seed: number): string {
  const given = process.argv.slice(2)
  const kept = given.filter((word, n) => !/^--(seed|runs|json)\b/.test(word) && !/^--(seed|runs)$/.test(given[n - 1] ?? ""))
  return ["supervise", ...kept.map(quoted), "--seed", String(seed)].join(" ")
}

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

/** What happened, a line each, and then the figures. */
function linesOf({ rehearsal, news }: StoryLine): string {
  const { workers, ...figures } = rehearsal
  const lines = news.map(({ at, news: { _tag, ...rest } }) =>
    JSON.stringify({ at, event: _tag, ...rest, message: sayNews({ _tag, ...rest } as (typeof news)[number]["news"]) })
  )
  return [...lines, JSON.stringify({ ...figures, workers: Object.fromEntries(workers) })].join("\n")
}

const writeDown = (file: string, text: string): Effect.Effect<void, NotWritten> =>
  Effect.try({
    try: () => writeFileSync(file, text, { flag: "wx" }),
    catch: (error) => new NotWritten({ because: whyNot(file, error) })
  })

// ---------------------------------------------------------------- again

const again = Effect.fnUntraced(function* (tree: Tree, file: string) {
  const text = yield* Effect.try({
    try: () => readFileSync(file, "utf8"),
    catch: (error) => new BadRehearsal({ because: `${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.` })
  })
  const recording = yield* tried(() => readJournal(text, file, encodeTree(tree)))
  const { entries: moments, actions, difference } = replay(recording)
  if (difference === undefined) return yield* print(`${file}: ${moments} events, and all ${actions} decisions are the same again.`)
  const { entry: moment, now } = difference
  const n = now.findIndex((action, n) => JSON.stringify(action) !== JSON.stringify(moment.actions[n]))
  const [then, here] = [moment.actions[n < 0 ? now.length : n], now[n]].map(sayAction)
  errors.line(`${file}:${moments + 2} ${clockOf(moment.at)} ${JSON.stringify(moment.event)}\n  then: ${then}\n  now:  ${here}`)
  const sentence = `${file} is decided differently: after ${moments} events the core does something else than it did.`
  return yield* new CommandFailed({ sentence, code: EXIT.refused })
})

const sayAction = (action: Action | undefined): string =>
  action === undefined ? "nothing more" : JSON.stringify(action, (key, value) => (key === "spec" ? undefined : value))
