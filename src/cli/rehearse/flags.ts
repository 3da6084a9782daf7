/** The flags of `rehearse` and `whatif`: how long, which seed, the faults, and how workers behave. */
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import { tier } from "../flags/tier.ts"

const many = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.atLeast(0))

const WHEN = "Without @WHEN, the seed decides when."

export const worldFlags = {
  tree: Argument.String("tree").pipe(Argument.withDescription("The tree file, as for supervise itself.")),
  tier,
  seed: Flag.Int("seed").pipe(Flag.withDefault(0), Flag.withDescription("Decides everything random. Default 0.")),
  length: Flag.String("for").pipe(Flag.withDefault("1h"), Flag.withDescription("How long the tree runs, in virtual time. Default 1h.")),
  kill: many("kill", "PATH[@WHEN]", `Kill what runs there. ${WHEN}`),
  hang: many("hang", "PATH[@WHEN]", "Let what runs there hang."),
  hint: many("hint", "PATH[@WHEN]", "Its program has changed: a waiting child there is started at once."),
  pause: many("pause", "PATH[@WHEN]:HOW_LONG", "Let what runs there do nothing for this long, and then go on."),
  outage: many("outage", "PATH[@WHEN]:HOW_LONG", "What it depends on is gone: it exits, and no start succeeds."),
  spawnErrors: many("spawn-errors", "PATH[@WHEN]:HOW_LONG", "The operating system starts nothing there."),
  swizzle: many("swizzle", "PATH[@WHEN]:HOW_LONG", "Each child there goes away and comes back, in random orders."),
  stall: many("stall", "[@WHEN:]HOW_LONG", "The supervisor does not run."),
  suspend: many("suspend", "[@WHEN:]HOW_LONG", "Nothing runs, while the clock goes on."),
  clockJump: many("clock-jump", "[@WHEN:][+-]HOW_LONG", "The clock jumps."),
  fail: many("fail", "PATH=TIME", "When it exits by itself: 30s, exp(30s), weibull(30s,1.5), csv(FILE), never."),
  start: many("start", "PATH=TIME", "How long it takes to be ready."),
  stop: many("stop", "PATH=TIME", "How long it takes to stop."),
  pauses: many("pauses", "PATH=EVERY/HOW_LONG", "How often it pauses, and for how long, such as exp(10m)/2s."),
  failedStarts: many("failed-starts", "PATH=SHARE", "The share of starts that fail, such as 10%."),
  hangs: many("hangs", "PATH=SHARE", "The share of incarnations that hang instead of exiting."),
  exits: many("exits", "PATH=EXIT|EXIT", "How it exits by itself: codes or signals. Default 1."),
  deaf: many("deaf", "PATH", "It ignores the stop signal.")
}
