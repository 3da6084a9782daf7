/** A caller that asks for a child whose failed restart is about to be retried is answered, whatever comes of it. */
import { expect, it } from "vitest"
import type { Answer, Event } from "../../src/core/Event.ts"
import { make, step } from "../../src/core/Machine.ts"
import { constant, pool, worker } from "../../src/tree/constructors.ts"
import { decodeTreeOrThrow } from "../../src/tree/decode.ts"

const crash = { _tag: "Code", code: 1 } as const
const one = { path: "/jobs/1" }

it.for([
  ["the supervisor gives up", "escalate", { _tag: "Refused", why: { _tag: "Stopping", path: "/jobs" } }],
  ["the child is failed", "failChild", { _tag: "Refused", why: { _tag: "StartFailed", ...one, exit: crash } }]
] as const)("%s", ([, onIntensity, expected]) => {
  const child = worker({ id: "job", start: ["true"], backoff: constant({ delay: "0s" }) })
  const tree = make(decodeTreeOrThrow(pool({ id: "jobs", size: 1, intensity: 1, onIntensity, child })))
  const answers: Array<Answer> = []
  const happens = (event: Event): void => {
    for (const action of step(tree, event, 0)) if (action._tag === "Reply" && action.ticket === 9) answers.push(action.answer)
  }
  happens({ _tag: "Boot" })
  happens({ _tag: "Ready", ...one, incarnation: 1 })
  happens({ _tag: "Exited", ...one, incarnation: 1, exit: crash })
  happens({ _tag: "Exited", ...one, incarnation: 2, exit: crash }) // while it starts: the retry is in the queue
  happens({ _tag: "Call", path: "/jobs", ticket: 9, request: { _tag: "start", id: "1" } })
  expect(answers).toEqual([])
  happens({ _tag: "Wake", ...one, incarnation: 2, purpose: "retry" })
  expect(answers).toEqual([expected])
})
