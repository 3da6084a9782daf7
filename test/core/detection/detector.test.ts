/** What a detector learns from heartbeats, and when it convicts. */
import { describe, it } from "@effect/vitest"
import { Detector } from "../../../src/core/detection/Detector.ts"
import * as phi from "../../../src/core/detection/Phi.ts"
import { detectorLaws } from "./detectorLaws.ts"

describe("a detector", () => {
  for (const { title, holds } of detectorLaws) it(title, () => holds({ ...phi, Detector }))
})
