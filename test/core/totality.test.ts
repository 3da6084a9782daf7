/** No event throws in any state, and an event for an unknown path changes nothing. */
import { describe, expect, it } from "vitest"
import type { Action } from "../../src/core/Action.ts"
import type { Event, Request } from "../../src/core/Event.ts"
import { make, step } from "../../src/core/Machine.ts"
import { snapshot } from "../../src/core/Snapshot.ts"
import { hasProcess, type TreeState } from "../../src/core/State.ts"
import type { Tree } from "../../src/tree/Spec.ts"
import { parseTree } from "./story.ts"

const notation = ["root OneForAll", "  a", "  s RestForOne", "    x", "    y transient", "  p pool=2", "    t"]
const paths = [
  "/root",
  "/root/a",
  "/root/s",
  "/root/s/x",
  "/root/p",
  "/root/p/1",
  "/root/unknown",
  "/unknown",
  "",
  "/",
  "a",
  "/root/",
  "/root/a/b/c",
  "__proto__"
]
const requests: ReadonlyArray<Request> = [
  ...(["terminateChild", "restartChild", "deleteChild", "getChildSpec", "hold", "start", "restart"] as const).flatMap((_tag) =>
    ["a", "s", "x", "1", "unknown", ""].map((id) => ({ _tag, id }))
  ),
  { _tag: "whichChildren" },
  { _tag: "countChildren" },
  { _tag: "startInstance", argv: ["x"] },
  { _tag: "scale", size: 0 },
  { _tag: "scale", size: 3 },
  { _tag: "startChild", spec: parseTree(["n"]) }
]
const events: ReadonlyArray<Event> = [
  { _tag: "Boot" },
  { _tag: "Stop" },
  { _tag: "Kill" },
  ...paths.flatMap((path) =>
    [0, 1, 2, -1].flatMap((incarnation): ReadonlyArray<Event> => {
      const of = { path, incarnation }
      const wakes = (["backoff", "retry", "startTimeout", "shutdown"] as const).map((purpose): Event => ({ _tag: "Wake", ...of, purpose }))
      return [{ _tag: "Ready", ...of }, { _tag: "Declined", ...of }, { _tag: "Exited", ...of, exit: { _tag: "Code", code: 1 } }, ...wakes]
    })
  ),
  ...paths.flatMap((path) => requests.map((request): Event => ({ _tag: "Call", path, ticket: 1, request })))
]

/** Trees in different stages, by what has happened to them. */
const stages: { readonly [name: string]: ReadonlyArray<Event> } = {
  "before its boot": [],
  "while it boots": [{ _tag: "Boot" }],
  "half booted": [{ _tag: "Boot" }, { _tag: "Ready", path: "/root/a", incarnation: 1 }],
  "while it waits": [
    { _tag: "Boot" },
    { _tag: "Ready", path: "/root/a", incarnation: 1 },
    { _tag: "Exited", path: "/root/a", incarnation: 1, exit: { _tag: "Code", code: 1 } }
  ],
  "while it stops": [{ _tag: "Boot" }, { _tag: "Ready", path: "/root/a", incarnation: 1 }, { _tag: "Stop" }],
  "after its end": [
    { _tag: "Boot" },
    { _tag: "Kill" },
    { _tag: "Exited", path: "/root/a", incarnation: 1, exit: { _tag: "Signal", signal: "SIGKILL" } }
  ]
}

/** Ends the tree from any state. */
function killed(tree: TreeState): ReadonlyArray<Action> {
  const actions = [...step(tree, { _tag: "Kill" }, 3)]
  for (let left = processes(tree); left.length > 0; left = processes(tree)) {
    actions.push(...left.flatMap((of) => step(tree, { _tag: "Exited", ...of, exit: { _tag: "Signal", signal: "SIGKILL" } }, 3)))
  }
  return actions
}

const processes = (tree: TreeState) =>
  [...tree.supervisors.values()]
    .flatMap((sup) => [...sup.children.values()])
    .filter((child) => child.spec.type === "worker" && hasProcess(child))
    .map(({ path, record }) => ({ path, incarnation: record.incarnation }))

describe("the machine is total", () => {
  for (const [stage, before] of Object.entries(stages)) {
    it(`every event, twice, ${stage}: nothing throws, and every call is answered once`, () => {
      for (const event of events) {
        const tree = make(parseTree(notation) as Tree)
        for (const past of before) step(tree, past, 0)
        const twice = [1, 2].flatMap((ticket) => step(tree, event._tag === "Call" ? { ...event, ticket } : event, ticket))
        const answered = [...twice, ...killed(tree)].flatMap((action) => (action._tag === "Reply" ? [action.ticket] : []))
        expect(answered.sort(), JSON.stringify(event)).toEqual(event._tag === "Call" ? [1, 2] : [])
      }
    })
  }

  it("an event for an unknown path changes nothing", () => {
    const tree = make(parseTree(notation) as Tree)
    for (const past of stages["half booted"]!) step(tree, past, 0)
    const before = JSON.stringify(snapshot(tree))
    for (const path of ["/root/unknown", "/unknown", "", "/", "__proto__"]) {
      for (const event of events) if ("incarnation" in event) expect(step(tree, { ...event, path }, 1)).toEqual([])
    }
    expect(JSON.stringify(snapshot(tree))).toBe(before)
  })

  it("a clock that goes back counts as one that stands still", () => {
    const tree = make(parseTree(["root", "  a"]) as Tree)
    step(tree, { _tag: "Boot" }, 1000)
    step(tree, { _tag: "Ready", path: "/root/a", incarnation: 1 }, 500)
    expect(snapshot(tree).children![0]!.since).toBe(1000)
  })
})
