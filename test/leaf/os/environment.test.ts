/** The environment of a child: ours, what its worker changes, and who it is. */
import { afterEach, expect, it, vi } from "vitest"
import { childEnvironment, leafEnvironment } from "../../../src/leaf/os/environment.ts"

afterEach(() => void vi.unstubAllEnvs())

const one = { path: "/r/a", incarnation: 3 }

it("is ours with the changes of its worker, and says who it is", () => {
  vi.stubEnv("HOME_OF_MINE", "x")
  vi.stubEnv("SUPERVISE_FD", "9")
  const env = childEnvironment({ ...one, env: { HOME_OF_MINE: null, OWN: "1" } })
  expect(env).toMatchObject({ OWN: "1", SUPERVISE_PATH: "/r/a", SUPERVISE_INCARNATION: "3" })
  expect([env.HOME_OF_MINE, env.SUPERVISE_FD]).toEqual([undefined, undefined])
})

it("names the descriptor and the interval of its heartbeats", () => {
  const command = { ...one, argv: ["a"], cwd: "/", env: {}, ready: { type: "fd", fd: 5 }, beatMs: 100 } as const
  const env = leafEnvironment({ ...command, stdin: "null", stopSignal: "SIGTERM", stopTo: "group", shutdown: 1 })
  expect(env).toMatchObject({ SUPERVISE_FD: "5", SUPERVISE_BEAT_MS: "100" })
})

it.each([
  ["a worker that says nothing", {}, "2"],
  ["one that wants none", { NO_COLOR: "1" }, undefined],
  ["one that says how many", { NO_COLOR: "1", FORCE_COLOR: "1" }, "1"],
  ["one that removes a NO_COLOR", { NO_COLOR: null }, "2"]
])("the colours of our terminal: %s", (_, env, colours) => {
  vi.stubEnv("FORCE_COLOR", "2")
  expect(childEnvironment({ ...one, env }).FORCE_COLOR).toBe(colours)
})
