/** Compiled code is kept in the user's cache folder, and a start neither needs it nor fails for it. */
import { spawnSync } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, expect, it } from "vitest"

const bin = fileURLToPath(new URL("../../bin/supervise.js", import.meta.url))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "supervise-cache-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function help(env: NodeJS.ProcessEnv) {
  const { NODE_COMPILE_CACHE, NODE_DISABLE_COMPILE_CACHE, ...others } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, "--help"], {
    env: { ...others, ...env },
    encoding: "utf8",
    timeout: 30_000
  })
  return { status, said: stdout + stderr }
}

const files = (of: string): ReadonlyArray<string> =>
  readdirSync(of, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []))

it("is in the cache folder of the user, and used again", () => {
  const first = help({ XDG_CACHE_HOME: folder })
  expect(first.status).toBe(0)
  const kept = files(join(folder, "supervise"))
  expect(kept.length).toBeGreaterThan(10)
  expect(help({ XDG_CACHE_HOME: folder })).toEqual(first)
  expect(files(join(folder, "supervise"))).toEqual(kept)
})

it("is in ~/.cache without XDG_CACHE_HOME", () => {
  help({ XDG_CACHE_HOME: "", HOME: folder })
  expect(files(join(folder, ".cache/supervise")).length).toBeGreaterThan(10)
})

it.for(["is a file", "does not exist, and cannot be made"])("a start does not fail when that folder %s", (what) => {
  const home = what === "is a file" ? join(folder, "file") : "/proc/nowhere"
  if (what === "is a file") writeFileSync(home, "")
  expect(help({ XDG_CACHE_HOME: home })).toEqual(help({ XDG_CACHE_HOME: folder }))
})

it.for([
  ["a relative one", { XDG_CACHE_HOME: "relative" }],
  ["below no home", { XDG_CACHE_HOME: "", HOME: "" }]
] as const)("is not beside whatever is the folder of the moment: %s", ([, env]) => {
  expect(help(env).status).toBe(0)
  expect(readdirSync(folder)).toEqual([])
})

it("is not where others may write", () => {
  chmodSync(folder, 0o777)
  expect(help({ XDG_CACHE_HOME: folder }).status).toBe(0)
  expect(readdirSync(folder)).toEqual([])
})

it("a start does not fail when what was kept is damaged", () => {
  const whole = help({ XDG_CACHE_HOME: folder })
  const kept = join(folder, "supervise")
  for (const entry of readdirSync(kept, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) writeFileSync(join(entry.parentPath, entry.name), "damaged")
  mkdirSync(kept, { recursive: true })
  expect(help({ XDG_CACHE_HOME: folder })).toEqual(whole)
})
