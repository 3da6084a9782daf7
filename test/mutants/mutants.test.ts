/**
 * Each planted bug is noticed in the ways that its entry names. So every law and invariant is known to be able to fail.
 * All ways take seven minutes, so they are for CI; without REQUIRE_ALL the first of each has to do.
 */
import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { invariants } from "../../src/testing.ts"
import { laws } from "../leaf/watch/laws.ts"
import { isOtpThere, needed } from "../otp/askOtp.ts"
import { mutants } from "./mutants.ts"
import { healthy, JUDGING_MAX_MS, judge, openLab, plant, traces } from "./plant.ts"
import { ofTrees, promised } from "./ways.ts"

const complete = process.env.REQUIRE_ALL === "1"
const isThere = isOtpThere()
if (!isThere && !complete) console.log(needed)

const timeout = JUDGING_MAX_MS + 30_000
let lab = ""
let otp: string | undefined
beforeAll(async () => {
  lab = openLab()
  if (isThere || complete) otp = await traces(lab, 600, 25)
})
afterAll(() => rmSync(lab, { recursive: true, force: true }))

it("each has a unique name and a way to notice it, and the documents say how many there are", () => {
  expect(mutants.length).toBeGreaterThanOrEqual(35)
  expect(readFileSync(new URL("../../docs/semantics.md", import.meta.url), "utf8")).toContain(`plants ${mutants.length} bugs`)
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
  expect(mutants.filter((mutant) => promised(mutant, "OTP").length === 0)).toEqual([])
})

it("each law of the watch that an entry names exists", () => {
  const missing = mutants.filter(({ watch }) => watch !== undefined && !laws.some(({ title }) => watch.test(title)))
  expect(missing).toEqual([])
})

it("every invariant of rehearsals has a bug", () => {
  const named = mutants.flatMap(({ rehearsals }) => (rehearsals === undefined ? [] : [/^\^(\w+): /.exec(rehearsals.source)?.[1]]))
  expect(named.toSorted()).toEqual(invariants.map(({ name }) => name).toSorted())
})

it("there are no complaints about the sources without a bug", { timeout }, async () => {
  const orders = [...ofTrees(500, otp), "detection", "watch=", "rehearsals"] as const
  expect(await judge(healthy, orders)).toEqual(orders.map(() => undefined))
})

describe.concurrent("a planted bug is noticed", () => {
  for (const [n, mutant] of mutants.entries())
    it(mutant.name, { timeout }, async () => {
      const all = promised(mutant, otp).slice(0, complete ? undefined : 1)
      const results = await judge(
        plant(mutant, join(lab, String(n))),
        all.map(({ order }) => order)
      )
      for (const [way, { order, isMeant }] of all.entries())
        expect((results[way] ?? []).filter(isMeant), `${order} complains of: ${results[way] ?? "nothing"}`).not.toEqual([])
    })
})
