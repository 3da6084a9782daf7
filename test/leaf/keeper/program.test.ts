import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"
import { keeperProgram } from "../../../src/leaf/keeper/program.ts"

let root = ""
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "program-"))
  mkdirSync(join(root, "lib/leaf"), { recursive: true })
  writeFileSync(join(root, "package.json"), "{}")
})
afterEach(() => rmSync(root, { recursive: true }))

function program(name: string, mode = 0o755): string {
  const path = join(root, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, "")
  chmodSync(path, mode)
  return path
}
const found = (env: NodeJS.ProcessEnv = {}, platform = "linux"): string => {
  const answer = keeperProgram({ env, platform, arch: "x64", from: join(root, "lib/leaf") })
  return typeof answer === "string" ? answer : answer.message
}

it("is what SUPERVISE_KEEPER names, else what the package brings for this machine, else what a clone has built", () => {
  const built = program("keeper/build/keeper")
  expect(found()).toBe(built)
  program("keeper/bin/keeper-arm64")
  expect(found()).toBe(built)
  const brought = program("keeper/bin/keeper-x64")
  expect(found({ SUPERVISE_KEEPER: "" })).toBe(brought)
  const named = program("elsewhere")
  expect(found({ SUPERVISE_KEEPER: named })).toBe(named)
})

const refusal = (because: string): string =>
  `The keeper was asked for, and cannot be used: ${because}. Use the spawner "node", which runs everywhere.`

it("is missing where it was not built, where it may not be executed, and where there is no Linux", () => {
  expect(found()).toBe(refusal(`there is no program for linux on x64 in ${root}/keeper`))
  program("keeper/bin/keeper-x64", 0o644)
  expect(found()).toBe(refusal(`there is no program for linux on x64 in ${root}/keeper`))
  expect(found({ SUPERVISE_KEEPER: "/no/such" })).toBe(refusal("SUPERVISE_KEEPER names /no/such, which is not there or not executable"))
  expect(found({}, "darwin")).toBe(refusal("it needs Linux, and this is darwin"))
})
