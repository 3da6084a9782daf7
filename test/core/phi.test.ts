/** Phi and its inverse, against numbers of sixty digits and against what must hold of any. */
import { describe, it } from "@effect/vitest"
import { Detector } from "../../src/core/Detector.ts"
import * as phi from "../../src/core/Phi.ts"
import { phiLaws } from "./detection/phiLaws.ts"

describe("phi", () => {
  for (const { title, holds } of phiLaws) it(title, () => holds({ ...phi, Detector }))
})
