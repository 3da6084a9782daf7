import { describe, expect, it } from "vitest"
import { largestSize, parseSize, printSize } from "../../src/tree/size.ts"

describe("sizes", () => {
  it.each([
    ["512 MiB", 536_870_912],
    ["512MiB", 536_870_912],
    ["1 GB", 1_000_000_000],
    ["1 GiB", 1_073_741_824],
    ["1.5 KiB", 1536],
    [".5KB", 500],
    ["7 B", 7],
    ["0 B", 0],
    ["2 TB", 2_000_000_000_000]
  ])("%s is %d bytes", (text, bytes) => {
    expect(parseSize(text)).toBe(bytes)
  })

  it.each(["", "5", "MiB", "5 ", " 5B", "5  MiB", "-5 B", "1e3 B", "5 mib", "5 Mi", "5M", "512m", "5 kB", "5 BiB", "5 iB"])(
    "%j is not a size",
    (text) => {
      expect(parseSize(text)).toBeUndefined()
    }
  )

  it("are whole bytes, and a positive one never becomes zero", () => {
    expect(parseSize("0.1 B")).toBe(1)
    expect(parseSize("0.3 KiB")).toBe(307)
  })

  it.each([
    [0, "0 B"],
    [1, "1 B"],
    [1000, "1 KB"],
    [1024, "1 KiB"],
    [536_870_912, "512 MiB"],
    [1_000_000_000, "1 GB"],
    [1_500_000, "1500 KB"]
  ])("%d bytes are written %s", (bytes, text) => {
    expect(printSize(bytes)).toBe(text)
  })

  it("survive printing and parsing", () => {
    for (const bytes of [1, 7, 1000, 1023, 1024, 1_048_575, 123_456_789, largestSize]) expect(parseSize(printSize(bytes))).toBe(bytes)
  })
})
