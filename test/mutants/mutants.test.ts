/** Each planted bug is noticed by whom its entry names: so every invariant is shown to be able to fail, and what only one way sees is known. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { isOtpThere, needed } from "../otp/askOtp.ts"
import { mutants } from "./mutants.ts"
import { healthy, JUDGING_MAX_MS, judge, type Order, plant, traces } from "./plant.ts"

const isThere = isOtpThere()
if (!isThere && process.env.REQUIRE_ALL !== "1") console.log(needed)

let lab = ""
let otp: string | undefined
beforeAll(async () => {
  lab = mkdtempSync(join(tmpdir(), "supervise-mutants-"))
  if (isThere || process.env.REQUIRE_ALL === "1") otp = await traces(lab, 600, 25)
})
afterAll(() => rmSync(lab, { recursive: true, force: true }))

it("there are many, each with a name of its own, and with somebody who notices", () => {
  expect(mutants.length).toBeGreaterThanOrEqual(35)
  expect(readFileSync(new URL("../../docs/semantics.md", import.meta.url), "utf8")).toContain(`plants ${mutants.length} bugs`)
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
  expect(mutants.filter(({ story, properties, pacing, otp, detection }) => !(story || properties || pacing || otp || detection))).toEqual(
    []
  )
})

it("nobody complains about the core as it is", { timeout: JUDGING_MAX_MS + 30_000 }, async () => {
  const orders: ReadonlyArray<Order> = ["stories", "pacing", "detection", ...(otp === undefined ? [] : [`otp=${otp}` as const])]
  expect(await judge(healthy, orders)).toEqual(orders.map(() => undefined))
})

describe.concurrent("a planted bug is noticed", () => {
  for (const [n, mutant] of mutants.entries()) {
    const law = mutant.detection
    if (law !== undefined) {
      it(mutant.name, { timeout: JUDGING_MAX_MS + 30_000 }, async () => {
        const [broken] = await judge(plant(mutant, join(lab, String(n))), ["detection"])
        expect(
          broken?.filter((title) => law.test(title)),
          String(broken)
        ).not.toEqual([])
      })
      continue
    }
    it(mutant.name, { timeout: JUDGING_MAX_MS + 30_000 }, async () => {
      const orders = [
        "stories",
        ...(mutant.properties ? ["properties=20000"] : []),
        ...(mutant.pacing ? ["pacing"] : []),
        ...(mutant.otp && otp ? [`otp=${otp}`] : [])
      ]
      const [stories, ...others] = await judge(plant(mutant, join(lab, String(n))), orders as ReadonlyArray<Order>)
      if (mutant.story !== undefined) expect(stories?.filter((title) => title.startsWith(mutant.story!))).not.toEqual([])
      if (mutant.properties !== undefined) expect(others.shift()?.[0] ?? "everything held").toMatch(mutant.properties)
      if (mutant.pacing !== undefined) expect(others.shift()?.filter((title) => mutant.pacing!.test(title)) ?? []).not.toEqual([])
      if (mutant.otp === true && otp !== undefined) expect(others.shift() ?? ["nothing differs"]).not.toEqual(["nothing differs"])
    })
  }
})
