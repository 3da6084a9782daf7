import { expect, it } from "vitest"
import { signalName, signalNumber } from "../../../src/leaf/keeper/signals.ts"

it.each([
  [1, "SIGHUP"],
  [6, "SIGABRT"],
  [9, "SIGKILL"],
  [15, "SIGTERM"],
  [29, "SIGIO"],
  [31, "SIGSYS"],
  [34, "SIGRTMIN+0"],
  [40, "SIGRTMIN+6"],
  [64, "SIGRTMIN+30"]
])("signal %i is %s", (number, name) => {
  expect(signalName(number)).toBe(name)
  expect(signalNumber(name)).toBe(number)
})

it("what has no name is named by its number", () => {
  expect([signalName(32), signalName(33), signalName(65)]).toEqual(["SIG32", "SIG33", "SIG65"])
})

it.each(["SIGNOTHING", "SIGRTMIN+31", "SIGRTMIN+", "TERM", ""])("there is no signal %s", (name) => {
  expect(signalNumber(name)).toBeUndefined()
})
