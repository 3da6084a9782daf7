/** The heap of the timers of the runtime and of the events of the simulator. */
import * as fc from "fast-check"
import { expect, it } from "vitest"
import { Heap } from "../../src/core/Heap.ts"
import { holdsFor } from "./chance.ts"

/** A number is added, or the first one is removed. */
const calls = fc.array(fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }), { maxLength: 100 })

it("answers items in order, whatever the order and the time at which they were added", () => {
  holdsFor(
    fc.property(calls, (calls) => {
      const heap = new Heap<number>((one, other) => one < other)
      const left: Array<number> = []
      for (const call of calls) {
        if (call === undefined) {
          expect(heap.first).toBe(left[0])
          expect(heap.next()).toBe(left.shift())
        } else {
          heap.add(call)
          left.push(call)
          left.sort((one, other) => one - other)
        }
      }
      expect([...heap.clear()].sort((one, other) => one - other)).toEqual(left)
      expect([heap.first, heap.next()]).toEqual([undefined, undefined])
    })
  )
})
