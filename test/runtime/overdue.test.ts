/** A deadline that passes while we ourselves do not run. */

import { createServer } from "node:net"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { tcp } from "supervise"
import { expect } from "vitest"
import { launch } from "../../src/runtime/launch.ts"
import { decodeTree } from "../../src/spec/decode.ts"
import { listening, nobodysPort } from "../leaf/probe/asking.ts"
import { at, root, sleeper, story, upAs, when } from "./tree.ts"

/** Nothing of ours happens meanwhile: no timer, no check, no news. */
const stand = (ms: number) => Effect.sync(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms))

/** A worker is asked whether it is ready, and its time passes while we stand. */
const overdue = (port: number) =>
  Effect.gen(function* () {
    const worker = sleeper("a", { ready: tcp(port, { interval: "50ms" }), startTimeout: "1s" })
    const launched = yield* launch(yield* decodeTree(root([worker], { boot: "retry" })), { seed: 1 })
    yield* when(launched.control, at("a"), (node) => node.type === "worker" && node.pid !== undefined)
    yield* stand(2_000)
    return launched
  })

story(
  "who was to be asked by us whether it is ready, and was not, is asked, and not stopped",
  Effect.gen(function* () {
    const port = yield* Effect.promise(nobodysPort)
    const { control } = yield* overdue(port)
    yield* Effect.promise(() => listening(createServer(), { host: "127.0.0.1", port }))
    const { restarts, incarnation } = yield* upAs(control, at("a"), 1)
    expect({ restarts, incarnation }).toEqual({ restarts: 0, incarnation: 1 })
  })
)

story(
  "its time is given back, and comes to an end",
  Effect.gen(function* () {
    const { control } = yield* overdue(yield* Effect.promise(nobodysPort))
    const failed = yield* control.events.pipe(
      Stream.filter((event) => event._tag === "StartFailed"),
      Stream.runHead
    )
    expect(failed).toMatchObject({ value: { path: at("a"), incarnation: 1, exit: { _tag: "NotReady" } } })
  })
)
