/** The keepers of the package: one program for each architecture, without a library of the machine. */
import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { prebuild } from "../../scripts/prebuilt.ts"
import { endOf, startProgram } from "./DrivenKeeper.ts"
import { words } from "./frames.ts"
import { EMULATOR, lacksEmulator, lacksPrebuilt } from "./prebuilt.ts"

const folder = mkdtempSync(join(tmpdir(), "keeper-prebuilt-"))
const leftOut = lacksPrebuilt ? [] : prebuild(folder)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const it = test.skipIf(lacksPrebuilt)
const program = (arch: string): string => join(folder, `keeper-${arch}`)

/** A segment of a program that names the loader of its libraries. */
const INTERPRETER = 3
/** Of one program. The larger was 208 KiB when this was written. */
const MAX_SIZE = 256 * 1024

it("are both built, and need nothing of a machine", () => {
  expect(leftOut).toEqual([])
  expect(readdirSync(folder).sort()).toEqual(["LICENSE-musl", "keeper-arm64", "keeper-x64"])
  for (const [arch, machine] of [
    ["x64", 62],
    ["arm64", 183]
  ] as const) {
    const bytes = readFileSync(program(arch))
    const [start, size, count] = [Number(bytes.readBigUInt64LE(32)), bytes.readUInt16LE(54), bytes.readUInt16LE(56)]
    const segments = Array.from({ length: count }, (_, i) => bytes.readUInt32LE(start + i * size))
    expect({ arch, machine: bytes.readUInt16LE(18), segments }).toMatchObject({ arch, machine })
    expect(segments).not.toContain(INTERPRETER)
    expect(statSync(program(arch)).size).toBeLessThan(MAX_SIZE)
  }
})

it("are left out with a sentence where there is no compiler for them", () => {
  const script = `import { prebuild } from ${JSON.stringify(join(import.meta.dirname, "../../scripts/prebuilt.ts"))}
    console.log(JSON.stringify(prebuild(${JSON.stringify(join(folder, "none"))})))`
  const answer = execFileSync(process.execPath, ["--input-type=module", "-e", script], { env: { PATH: "" } })
  expect(JSON.parse(String(answer))).toEqual([
    "keeper-x64: there is no C compiler x86_64-linux-musl-gcc",
    "keeper-arm64: there is no C compiler aarch64-linux-musl-gcc"
  ])
})

/** How each of them is run on this machine. The emulator makes no process a subreaper, so strays are not asked for. */
const runs = [
  { arch: "x64", command: [program("x64")], isLeftOut: lacksPrebuilt || process.arch !== "x64" },
  { arch: "arm64", command: [EMULATOR, program("arm64")], isLeftOut: lacksEmulator || process.arch !== "x64" }
]

for (const { arch, command, isLeftOut } of runs) {
  describe.skipIf(isLeftOut)(`the keeper for ${arch}`, () => {
    const [first, ...rest] = command as [string, ...Array<string>]

    test("says how it is used", () => {
      const { status, stderr } = spawnSync(first, rest, { encoding: "utf8" })
      expect(stderr).toBe(
        "keeper: no brain can connect: give it descriptor 3, --dir or --\n" +
          "usage: keeper [--dir DIR] [--no-guard] [-- BRAIN ARG…]\n       keeper --is-delegated CGROUP\n"
      )
      expect(status).toBe(64)
    })

    test("starts a program, passes on its output, and stops it", async () => {
      const keeper = startProgram(first, rest)
      await keeper.hello()
      keeper.send("ENV", Buffer.from("PATH=/usr/bin:/bin\0"))
      keeper.spawn({ argv: ["sh", "-c", "echo here; sleep 1000"], flags: 1 })
      await keeper.pid()
      await keeper.event("OUTPUT")
      expect(keeper.output()).toBe("here\n")
      keeper.send("STOP", words(0, 1, 5000, 0))
      expect(endOf(await keeper.event("EXITED"))).toMatchObject({ signal: 15 })
      keeper.send("QUIT")
      expect(await keeper.exited).toBe(0)
      expect(keeper.complaints()).toBe("")
    })
  })
}
