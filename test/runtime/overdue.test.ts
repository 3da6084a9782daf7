/** A start timeout that passes while we do not run. */

import { createServer } from "node:net"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { exec, line, tcp, type WorkerSpec } from "supervise"
import { expect } from "vitest"
import { decodeTree } from "../../src/tree/decode.ts"
import { listening, nobodysPort } from "../leaf/probe/asking.ts"
import { type Launched, launch } from "./launched.ts"
import { temporaryFolder } from "./processes.ts"
import { at, root, shell, story, when } from "./tree.ts"

/** Blocks our thread: no timer, no check and no event meanwhile. */
const block = (ms: number) => Effect.sync(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms))

/** The whole start timeout of this worker passes while we are blocked, from when it has a process. */
const overdue = (more: Partial<WorkerSpec>) =>
  Effect.gen(function* () {
    const worker = shell("a", "sleep 1.5; echo ready; exec sleep 1000", { startTimeout: "1s", ...more })
    const launched = yield* launch(yield* decodeTree(root([worker], { boot: "retry" })), { seed: 1 })
    yield* when(launched.control, at("a"), (node) => node.type === "worker" && node.pid !== undefined)
    yield* block(2_000)
    return launched
  })

/** Whether its first incarnation came up. */
const outcome = ({ control }: Launched) =>
  control.history.pipe(
    Stream.filter((event) => event.path === at("a") && (event._tag === "Started" || event._tag === "StartFailed")),
    Stream.runHead,
    Effect.map(Option.getOrThrow)
  )

const often = { interval: "50ms" } as const

story(
  "a worker whose readiness we did not check is checked, and not stopped",
  Effect.gen(function* () {
    const port = yield* Effect.promise(nobodysPort)
    const launched = yield* overdue({ ready: tcp(port, often) })
    yield* Effect.promise(() => listening(createServer(), { host: "127.0.0.1", port }))
    expect(yield* outcome(launched)).toMatchObject({ _tag: "Started", incarnation: 1 })
  })
)

story(
  "also if the check under way failed meanwhile, and the next one is far off",
  Effect.gen(function* () {
    const file = join(temporaryFolder(), "ready")
    const ready = exec(["sh", "-c", `sleep 0.3; test -e ${file} || { touch ${file}; exit 1; }`], { interval: "4s", timeout: "1s" })
    expect(yield* outcome(yield* overdue({ ready }))).toMatchObject({ _tag: "Started", incarnation: 1 })
  })
)

story(
  "the extended start timeout ends",
  Effect.gen(function* () {
    const failed = yield* outcome(yield* overdue({ ready: tcp(yield* Effect.promise(nobodysPort), often) }))
    expect(failed).toMatchObject({ _tag: "StartFailed", incarnation: 1, exit: { _tag: "NotReady" } })
  })
)

story(
  "a worker that reports its readiness gets no extension: a report in time is read first",
  Effect.gen(function* () {
    const spoken = { ready: line("ready"), start: ["sh", "-c", "echo ready; exec sleep 1000"] } as const
    expect(yield* outcome(yield* overdue(spoken))).toMatchObject({ _tag: "Started", incarnation: 1 })
    // The heartbeat is only here because it makes us measure the time for which we are blocked.
    const late = {
      ready: line("ready"),
      start: ["sh", "-c", "sleep 2.5; echo ready; exec sleep 1000"],
      heartbeat: { every: "1s" }
    } as const
    expect(yield* outcome(yield* overdue(late))).toMatchObject({ _tag: "StartFailed", incarnation: 1 })
  })
)
