/** Start timeouts that pass while we do not run: what is given back, to whom, and that it comes to an end. */
import { describe, expect, it } from "vitest"
import type { Event } from "../../../src/core/Event.ts"
import { type Asked, makeStartTimeouts } from "../../../src/runtime/kernel/startTimeouts.ts"

const wake: Event = { _tag: "Wake", path: "/r/a", incarnation: 1, purpose: "startTimeout" }
const web: Asked = { startTimeout: 3_000, interval: 500, timeout: 200 }

/** We do not run in these spans. */
const standing = (asked: Asked | undefined, ...spans: ReadonlyArray<readonly [from: number, to: number]>) =>
  makeStartTimeouts({
    asked: () => asked,
    stalled: (from, to) => spans.reduce((sum, [begin, end]) => sum + Math.max(0, Math.min(end, to) - Math.max(begin, from)), 0)
  })

describe("a start timeout of 3 seconds that began at 1000", () => {
  it("is up when it is due, if we ran all the time", () => expect(standing(web)(wake, 4_000, 4_005)).toBeUndefined())

  it("is up when only the daily business was late", () => {
    expect(standing(web, [1_200, 1_250], [3_990, 4_030])(wake, 4_000, 4_030)).toBeUndefined()
  })

  it("gets back what was missed before it was due, and not how long we stood afterwards; and one check more", () => {
    expect(standing(web, [3_000, 18_000])(wake, 4_000, 18_000)?.at).toBe(18_000 + 1_000 + 700)
    expect(standing(web, [3_000, 3_600_000])(wake, 4_000, 3_600_000)?.at).toBe(3_600_000 + 1_000 + 700)
  })

  it("gets it back also when we stood before, and run again when it is due", () => {
    expect(standing(web, [1_000, 3_900])(wake, 4_000, 4_001)?.at).toBe(4_001 + 2_900 + 700)
  })

  it("gets back what is missed of that, too, but no second check more; and is up in the end", () => {
    const putOff = standing(web, [3_000, 5_000], [6_000, 6_400])
    const first = putOff(wake, 4_000, 5_000)!
    expect(first.at).toBe(6_700)
    expect(first.event).toEqual(wake)
    const second = putOff(first.event, first.at, 6_700)!
    expect(second.at).toBe(6_700 + 400)
    expect(putOff(second.event, second.at, 7_100)).toBeUndefined()
  })
})

it("who is not asked by us gets nothing back, and nor does any other wait", () => {
  expect(standing(undefined, [0, 9_000])(wake, 4_000, 9_000)).toBeUndefined()
  expect(standing(web, [0, 9_000])({ ...wake, purpose: "backoff" }, 4_000, 9_000)).toBeUndefined()
})
