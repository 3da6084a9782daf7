/** Anything that goes another way has another fingerprint. */
import { expect, it } from "vitest"
import type { Action, News } from "../../src/core/Action.ts"
import type { Event } from "../../src/core/Event.ts"
import type { Exit } from "../../src/core/Exit.ts"
import { Fingerprint } from "../../src/sim/Fingerprint.ts"

const web = { path: "/shop/web", incarnation: 1 }
const print = (event: Event, actions: ReadonlyArray<Action> = [], at = 0): string => {
  const fingerprint = new Fingerprint()
  fingerprint.add({ at, event, actions })
  return fingerprint.text
}
const exited = (exit: Exit): string => print({ _tag: "Exited", ...web, exit })
const does = (action: Action): string => print({ _tag: "Boot" }, [action])
const tells = (news: News): string => does({ _tag: "News", news })
const failure = (code: number) => ({ ...web, at: 7, exit: { _tag: "Code", code } as const })
const counted = { _tag: "RestartCounted", path: "/shop", culprit: "/shop/web", count: 1, intensity: 5, periodMs: 30_000 } as const

/** In each row, all are different. */
const rows: ReadonlyArray<[what: string, prints: ReadonlyArray<string>]> = [
  [
    "exits",
    [
      exited({ _tag: "Code", code: 1 }),
      exited({ _tag: "Code", code: 7 }),
      exited({ _tag: "Signal", signal: "SIGTERM" }),
      exited({ _tag: "Signal", signal: "SIGKILL" }),
      exited({ _tag: "NotStarted", errno: "ENOENT", message: "" }),
      exited({ _tag: "NotStarted", errno: "EACCES", message: "" }),
      exited({ _tag: "NotReady", afterMs: 1 }),
      exited({ _tag: "NotReady", afterMs: 2 }),
      exited({ _tag: "Shutdown" }),
      exited({ _tag: "Killed" }),
      exited({ _tag: "GaveUp", intensity: 1, periodMs: 1, window: [failure(1)] }),
      exited({ _tag: "GaveUp", intensity: 1, periodMs: 1, window: [failure(7)] }),
      exited({ _tag: "BootFailed", cause: failure(1) }),
      exited({ _tag: "BootFailed", cause: failure(7) })
    ]
  ],
  [
    "the exit of the root",
    [does({ _tag: "Finish", booted: true, exit: failure(1).exit }), does({ _tag: "Finish", booted: true, exit: failure(7).exit })]
  ],
  ["reported exits", [1, 7].map((code) => tells({ _tag: "StartFailed", ...web, exit: { _tag: "Code", code } }))],
  [
    "the purpose of a wake-up",
    (["backoff", "retry", "startTimeout", "shutdown"] as const).map((purpose) => print({ _tag: "Wake", ...web, purpose }))
  ],
  ["the purpose of a scheduled wake-up", (["backoff", "retry"] as const).map((purpose) => does({ _tag: "Wake", ...web, at: 5, purpose }))],
  ["delays", [100, 200, 100 + 2 ** 32].map((delayMs) => tells({ _tag: "Backoff", ...web, attempt: 1, delayMs }))],
  ["attempts", [1, 2].map((attempt) => tells({ _tag: "Backoff", ...web, attempt, delayMs: 1 }))],
  ["counts", [1, 2].map((count) => tells({ ...counted, count }))],
  ["culprits", ["/shop/web", "/shop/db"].map((culprit) => tells({ ...counted, culprit }))],
  ["times of events", [5, 5 + 2 ** 32, 5 + 2 ** 33].map((at) => print({ _tag: "Boot" }, [], at))],
  ["times of scheduled wake-ups", [5, 5 + 2 ** 32].map((at) => does({ _tag: "Wake", ...web, at, purpose: "backoff" }))],
  ["ways to stop", ([1, 2, "brutalKill", "infinity"] as const).map((how) => does({ _tag: "Stop", ...web, how }))],
  ["uptimes", [1, 2].map((uptimeMs) => tells({ _tag: "Exited", ...web, exit: { _tag: "Shutdown" }, normal: true, uptimeMs }))],
  ["requests", ["web", "db"].map((id) => print({ _tag: "Call", path: "/shop", ticket: 1, request: { _tag: "hold", id } }))],
  ["answers", [1, 2].map((incarnation) => does({ _tag: "Reply", ticket: 1, answer: { _tag: "Up", path: "/shop/web", incarnation } }))]
]

for (const [what, prints] of rows) it(`distinguishes ${what}`, () => expect(new Set(prints).size).toBe(prints.length))

it("is the same for the same entry", () => expect(exited({ _tag: "Code", code: 1 })).toBe(exited({ _tag: "Code", code: 1 })))

it("distinguishes in which of two entries a word stands, even one that was seen before", () => {
  const after = (...paths: ReadonlyArray<string>): string => {
    const fingerprint = new Fingerprint()
    for (const path of paths) fingerprint.add({ at: 0, event: { _tag: "Ready", path, incarnation: 1 }, actions: [] })
    return fingerprint.text
  }
  const prints = [after("/a", "/b", "/a"), after("/a", "/b", "/b"), after("/a", "/a", "/b"), after("/b", "/a", "/b")]
  expect(new Set(prints).size).toBe(4)
})
