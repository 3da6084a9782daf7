/** Errors as `console.log` shows them, also within others: the sentence first, and then the data. */
import { inspect } from "node:util"
import * as Effect from "effect/Effect"
import { AlreadyRunning, BadTree, BootFailed, Refused, StateUnusable } from "supervise"
import { Detached, InvalidRequest, NotRunning, Unresponsive } from "supervise/client"
import { BadRehearsal } from "supervise/testing"
import { expect, it } from "vitest"
import { CommandFailed } from "../../src/cli/CommandFailed.ts"
import { NotWritten } from "../../src/cli/print/print.ts"
import { KeeperNeeded, StateNeeded } from "../../src/leaf/needsKeeper.ts"

const cause = { path: "/shop/db", incarnation: 1, at: 0, exit: { _tag: "Code", code: 3 } } as const

const errors = [
  new BadTree({ source: "tree.ts", because: "it is a folder.", problems: [] }),
  new BootFailed({ path: "/shop", exit: { _tag: "BootFailed", cause } }),
  new Refused({ why: { _tag: "NotFound", path: "/shop/wbe" } }),
  new AlreadyRunning({ directory: "/d", pid: 4711 }),
  new KeeperNeeded({ needs: [{ path: "/shop/web", field: "logs" }] }),
  new StateNeeded({ needs: [{ path: "/shop/web", field: "logs" }] }),
  new StateUnusable({ directory: "/d", because: "EACCES" }),
  new InvalidRequest({ because: "it is a number" }),
  new Unresponsive({ directory: "/d", pid: undefined, because: "it may be stopped" }),
  new NotRunning({ directory: "/d", because: "it is not there" }),
  new Detached({ root: "/shop" }),
  new BadRehearsal({ because: "there is no db." }),
  new CommandFailed({ sentence: "No.", code: 1 }),
  new NotWritten({ because: "ENOSPC" })
]

it.each(errors.map((error) => [error._tag, error] as const))("%s", (tag, error) => {
  expect(error.message).toMatch(/\.$/)
  expect(inspect(error).startsWith(`${tag}: ${error.message}\n`)).toBe(true)
  expect(inspect({ nested: new Error("because", { cause: error }) })).toContain(`${tag}: ${error.message}`)
  const [field] = Object.keys(error).filter((key) => key !== "_tag")
  expect(inspect(error)).toContain(`${field}: `)
  expect(Effect.runSync(Effect.flip(Effect.fail(error)))).toBe(error)
})
