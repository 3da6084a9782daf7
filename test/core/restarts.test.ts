/** What `RESTARTS` counts: how often a child was restarted because it failed, as NRestarts of a unit in systemd. */
import { expect, it } from "vitest"
import type { Action } from "../../src/core/Action.ts"
import type { Event } from "../../src/core/Event.ts"
import { make, step } from "../../src/core/Machine.ts"
import { snapshot } from "../../src/core/Snapshot.ts"
import { constant, supervisor, worker } from "../../src/tree/constructors.ts"
import { decodeTreeOrThrow } from "../../src/tree/decode.ts"

it("counts restarts for a child's own failures; not for those of siblings, nor the operator's, nor the one above the limit", () => {
  const children = ["a", "b"].map((id) => worker({ id, start: ["true"], backoff: constant({ delay: "0s" }) }))
  const tree = make(decodeTreeOrThrow(supervisor({ id: "r", strategy: "OneForAll", intensity: 2, children })))
  const happens = (event: Event): void => step(tree, event, 0).forEach(answer)
  const answer = (action: Action): void => {
    if (action._tag === "Spawn") happens({ _tag: "Ready", path: action.path, incarnation: action.incarnation })
    if (action._tag === "Stop")
      happens({ _tag: "Exited", path: action.path, incarnation: action.incarnation, exit: { _tag: "Signal", signal: "SIGTERM" } })
  }
  const fails = (id: string, incarnation: number) =>
    happens({ _tag: "Exited", path: `/r/${id}`, incarnation, exit: { _tag: "Code", code: 1 } })
  const asks = (_tag: "restart" | "hold" | "start") => happens({ _tag: "Call", path: "/r", ticket: 1, request: { _tag, id: "a" } })
  const counts = () => snapshot(tree).children?.map(({ path, incarnation, restarts }) => `${path}#${incarnation} ${restarts}`)

  happens({ _tag: "Boot" })
  expect(counts()).toEqual(["/r/a#1 0", "/r/b#1 0"])
  fails("a", 1)
  expect(counts()).toEqual(["/r/a#2 1", "/r/b#2 0"])
  asks("restart")
  expect(counts()).toEqual(["/r/a#3 1", "/r/b#3 0"])
  asks("hold")
  asks("start")
  expect(counts()).toEqual(["/r/a#4 1", "/r/b#3 0"])
  fails("b", 3)
  expect(counts()).toEqual(["/r/a#5 1", "/r/b#4 1"])
  const b = tree.supervisors.get("/r")!.children.get("b")!
  fails("b", 4)
  expect(b.record.restarts).toBe(1)
})
