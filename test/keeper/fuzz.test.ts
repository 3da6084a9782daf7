/** Frames that no brain would send, for a few seconds. With libFuzzer it can be done for longer, see fuzz.c. */
import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { expect } from "vitest"
import { it } from "./DrivenKeeper.ts"

const SOURCES = resolve(import.meta.dirname, "../../keeper")
const CORPUS = join(import.meta.dirname, "corpus")
/** What fuzz.c replaces, or does not need. */
const LEFT_OUT = ["main.c", "guard.c", "launch.c", "logfile.c"]
const SECONDS = 3

it("survives whatever a brain sends", () => {
  const folder = mkdtempSync(join(tmpdir(), "keeper-fuzz-"))
  try {
    const program = join(folder, "fuzz")
    const sources = readdirSync(SOURCES)
      .filter((name) => name.endsWith(".c") && !LEFT_OUT.includes(name))
      .map((name) => join(SOURCES, name))
    const flags = ["-std=c11", "-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-DFUZZ", "-DFUZZ_MAIN"]
    execFileSync("cc", [...flags, ...sources, join(import.meta.dirname, "fuzz.c"), "-o", program], { stdio: "inherit" })
    const seed = process.env.SEED ?? String(Math.floor(Math.random() * 2 ** 31))
    const seeds = readdirSync(CORPUS).map((name) => join(CORPUS, name))
    // It says much: each frame that it refuses.
    const said = join(folder, "said")
    const { status } = spawnSync(program, [String(SECONDS), seed, ...seeds], { stdio: ["ignore", "ignore", openSync(said, "w")] })
    const last = readFileSync(said, "utf8").slice(-5_000)
    expect(status, `SEED=${seed} npx vitest run test/keeper/fuzz.test.ts\n${last}`).toBe(0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
