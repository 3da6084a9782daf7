/** Phi and its inverse, against reference values of sixty digits and against laws. */
import { describe, it } from "@effect/vitest"
import { Detector } from "../../../src/core/detection/Detector.ts"
import * as phi from "../../../src/core/detection/Phi.ts"
import { phiLaws } from "./phiLaws.ts"

describe("phi", () => {
  for (const { title, holds } of phiLaws) it(title, () => holds({ ...phi, Detector }))
})
