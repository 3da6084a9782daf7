/** No event throws in any state, and an event for an unknown path changes nothing. */
import { describe, expect, it } from "vitest"
import type { Action } from "../../src/core/Action.ts"
import { checkState } from "../../src/core/checkState.ts"
import type { Event, Incarnation, Purpose, Request } from "../../src/core/Event.ts"
import { make, step } from "../../src/core/Machine.ts"
import { snapshot } from "../../src/core/Snapshot.ts"
import { hasProcess, type TreeState } from "../../src/core/State.ts"
import type { Tree } from "../../src/tree/Spec.ts"
import { parseTree } from "./story.ts"

const notation = ["root OneForAll", "  a", "  s RestForOne failChild 0/30s", "    x", "    y transient", "  p pool=2", "    t"]
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
const silence = { phi: 4, silenceMs: 1500, everyMs: 1000, evidence: "" }
const hung = { _tag: "Hung", phi: 9, silenceMs: 2100, evidence: "" } as const
const exit = { _tag: "Code", code: 1 } as const
const spec = parseTree(["n"])

/** Every purpose of a wake: a new one does not compile without an entry. */
const purposes: Record<Purpose, true> = {
  backoff: true,
  retry: true,
  startTimeout: true,
  shutdown: true,
  probe: true,
  stable: true,
  silence: true,
  gate: true,
  failed: true
}

/** Every kind of request, likewise. */
const requests: { readonly [tag in Request["_tag"]]: (id: string) => Request } = {
  startChild: () => ({ _tag: "startChild", spec }),
  startInstance: () => ({ _tag: "startInstance", argv: ["x"] }),
  terminateChild: (id) => ({ _tag: "terminateChild", id }),
  restartChild: (id) => ({ _tag: "restartChild", id }),
  deleteChild: (id) => ({ _tag: "deleteChild", id }),
  getChildSpec: (id) => ({ _tag: "getChildSpec", id }),
  whichChildren: () => ({ _tag: "whichChildren" }),
  countChildren: () => ({ _tag: "countChildren" }),
  hold: (id) => ({ _tag: "hold", id }),
  start: (id) => ({ _tag: "start", id }),
  restart: (id) => ({ _tag: "restart", id }),
  scale: (id) => ({ _tag: "scale", size: id.length })
}

/** Every kind of event about an incarnation, likewise. */
const about: { readonly [tag in Event["_tag"]]: (of: Incarnation) => ReadonlyArray<Event> } = {
  Boot: () => [{ _tag: "Boot" }],
  Stop: () => [{ _tag: "Stop" }],
  Kill: () => [{ _tag: "Kill" }],
  Spawned: (of) => [
    { _tag: "Spawned", ...of },
    { _tag: "Spawned", ...of, pid: 4711, startTime: 12 }
  ],
  Blocked: (of) => [{ _tag: "Blocked", ...of, pids: [4711] }],
  Ready: (of) => [{ _tag: "Ready", ...of }],
  Declined: (of) => [{ _tag: "Declined", ...of }],
  Exited: (of) => [
    { _tag: "Exited", ...of, exit },
    { _tag: "Exited", ...of, exit, pressure: 0.5 }
  ],
  Suspected: (of) => [{ _tag: "Suspected", ...of, silence }],
  Cleared: (of) => [{ _tag: "Cleared", ...of }],
  Convicted: (of) => [{ _tag: "Convicted", ...of, exit: hung }],
  Health: (of) => [true, false].map((healthy) => ({ _tag: "Health", ...of, healthy, because: "answered 503" })),
  Notified: (of) => [
    { _tag: "Notified", ...of, status: "warming up" },
    { _tag: "Notified", ...of, status: "" },
    { _tag: "Notified", ...of, extendMs: 5000 }
  ],
  Hint: ({ path }) => [{ _tag: "Hint", path }],
  Wake: (of) =>
    (Object.keys(purposes) as ReadonlyArray<Purpose>).flatMap(
      (purpose): ReadonlyArray<Event> => [
        { _tag: "Wake", ...of, purpose },
        { _tag: "Wake", ...of, purpose, missedMs: 5000 }
      ]
    ),
  Call: ({ path, incarnation }) =>
    incarnation !== 0
      ? []
      : Object.values(requests).flatMap((make) =>
          ["a", "s", "x", "1", "nobody", ""].map((id): Event => ({ _tag: "Call", path, ticket: 1, request: make(id) }))
        )
}

/**
 * The world has nothing to say about a supervisor, which runs within the tree: nothing throws, but the state need not
 * make sense.
 */
const isUnheardOf = (event: Event): boolean =>
  "incarnation" in event && event._tag !== "Wake" && ["/root/s", "/root/p"].includes(event.path)

const events: ReadonlyArray<Event> = paths.flatMap((path) =>
  [0, 1, 2, -1].flatMap((incarnation) => Object.values(about).flatMap((make) => make({ path, incarnation })))
)

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
  "while a child has failed": [
    { _tag: "Boot" },
    { _tag: "Ready", path: "/root/a", incarnation: 1 },
    { _tag: "Ready", path: "/root/s/x", incarnation: 1 },
    { _tag: "Ready", path: "/root/s/y", incarnation: 1 },
    { _tag: "Exited", path: "/root/s/x", incarnation: 1, exit: { _tag: "Code", code: 1 } }
  ],
  "while one is convicted": [
    { _tag: "Boot" },
    { _tag: "Ready", path: "/root/a", incarnation: 1 },
    { _tag: "Convicted", path: "/root/a", incarnation: 1, exit: hung }
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
        if (!isUnheardOf(event)) expect(checkState(tree), JSON.stringify(event)).toBeUndefined()
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
