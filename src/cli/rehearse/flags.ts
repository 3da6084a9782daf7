/** What `rehearse` and `whatif` have in common: how long, which seed, what is done to the tree and how its workers behave. */
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import { tier } from "../flags/tier.ts"

const many = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.atLeast(0))

const WHEN = "Without @WHEN at a moment that the seed decides."

export const worldFlags = {
  tree: Argument.String("tree").pipe(Argument.withDescription("The tree file, as for supervise itself.")),
  tier,
  seed: Flag.Int("seed").pipe(Flag.withDefault(0), Flag.withDescription("Decides everything that is left to chance. Default 0.")),
  length: Flag.String("for").pipe(Flag.withDefault("1h"), Flag.withDescription("How long, in the tree's own time. Default 1h.")),
  kill: many("kill", "PATH[@WHEN]", `Kill what runs there. ${WHEN}`),
  hang: many("hang", "PATH[@WHEN]", "Let what runs there hang."),
  hint: many("hint", "PATH[@WHEN]", "Its program has changed: whoever waits there is started."),
  pause: many("pause", "PATH[@WHEN]:HOW_LONG", "Let what runs there do nothing for so long, and then go on."),
  outage: many("outage", "PATH[@WHEN]:HOW_LONG", "What it stands on is gone: it ends, and no start succeeds."),
  spawnErrors: many("spawn-errors", "PATH[@WHEN]:HOW_LONG", "The operating system starts nothing there."),
  swizzle: many("swizzle", "PATH[@WHEN]:HOW_LONG", "Each there goes and comes back, in random orders."),
  stall: many("stall", "[@WHEN:]HOW_LONG", "The supervisor does not get to run."),
  suspend: many("suspend", "[@WHEN:]HOW_LONG", "Nothing gets to run, and the clock moves on."),
  clockJump: many("clock-jump", "[@WHEN:][+-]HOW_LONG", "The clock jumps."),
  fail: many("fail", "PATH=TIME", "When it ends by itself: 30s, exp(30s), weibull(30s,1.5), csv(FILE), never."),
  start: many("start", "PATH=TIME", "How long it takes to be ready."),
  stop: many("stop", "PATH=TIME", "How long it takes to stop."),
  pauses: many("pauses", "PATH=EVERY/HOW_LONG", "It pauses again and again, such as exp(10m)/2s."),
  failedStarts: many("failed-starts", "PATH=SHARE", "So many starts fail, such as 10%."),
  hangs: many("hangs", "PATH=SHARE", "So many lives do not end but hang."),
  exits: many("exits", "PATH=EXIT|EXIT", "How it ends by itself: codes or signals. Default 1."),
  deaf: many("deaf", "PATH", "It does not hear the stop signal.")
}
