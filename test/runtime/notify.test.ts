/** What a worker says of itself by sd_notify, and what the tree makes of it. */
import * as Effect from "effect/Effect"
import { constant, notify, run, worker } from "supervise"
import { expect } from "vitest"
import { sayWhy } from "../../src/cli/print/why.ts"
import { keeperProgram } from "../../src/leaf/keeper/program.ts"
import { isThere } from "./processes.ts"
import { at, root, story, upAs, when } from "./tree.ts"

const program = keeperProgram()
const missing = typeof program === "string" ? (isThere("python3") ? undefined : "there is no python3") : program.because

/** It begins with `say`, and goes on until it is killed. */
const python = (body: string) =>
  [
    "python3",
    "-c",
    `import os, socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
a = os.environ["NOTIFY_SOCKET"]
s.connect("\\0" + a[1:] if a[0] == "@" else a)
say = lambda text: s.send(text.encode())
${body}
time.sleep(1000)`
  ] as const

if (missing !== undefined) {
  if (process.env.REQUIRE_ALL === "1") throw new Error(missing)
  console.log(`Left out: sd_notify, as ${missing} (npm run keeper, apt-get install python3).`)
} else {
  story(
    "its status is shown, and it is convicted if it says that it has failed",
    Effect.gen(function* () {
      const says = python('say("READY=1\\nSTATUS=serving"); time.sleep(0.3); say("STATUS=broken"); say("WATCHDOG=trigger")')
      const spec = root([worker({ id: "a", start: says, ready: notify(), backoff: constant({ delay: "1 hour" }) })])
      const control = yield* run(spec, { spawner: "keeper" })
      yield* when(control, at("a"), ({ status }) => status === "serving")
      expect(sayWhy(yield* control.why(at("a")), (_, text) => text)).toContain("\n  It says: serving\n")
      const { lastExit, status } = yield* when(control, at("a"), ({ phase }) => phase === "backoff")
      expect([lastExit, status]).toMatchObject([{ _tag: "Unhealthy", because: "it has sent WATCHDOG=trigger" }, undefined])
      const { decisions } = yield* control.why(at("a"))
      expect(decisions[0]?.decision.evidence.exit).toMatchObject({ _tag: "Unhealthy", probe: "watchdog" })
    })
  )

  story(
    "it is given the time that it asks for, and not more",
    Effect.gen(function* () {
      const child = (body: string) => worker({ id: "a", start: python(body), ready: notify(), startTimeout: "3 seconds" })
      const slow = 'say("EXTEND_TIMEOUT_USEC=20000000"); time.sleep(3.5); say("READY=1")'
      yield* upAs(yield* run(root([child(slow)]), { spawner: "keeper" }), at("a"), 1)
    })
  )

  story(
    "one that does not say that it is ready has failed to start, and that is what is said",
    Effect.gen(function* () {
      const silent = python('print("reads its files", flush=True)')
      const spec = root([worker({ id: "a", start: silent, ready: notify(), startTimeout: "3 seconds" })])
      const { message } = yield* Effect.flip(run(spec, { spawner: "keeper" }))
      expect(message).toMatch(/was not ready after [\d.]+s: it has not sent READY=1; its last lines: "reads its files"\.$/)
    })
  )
}
