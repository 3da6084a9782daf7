/**
 * Frames that no brain would send. With libFuzzer they are led by what the code does with them, for a minute if
 * everything is required; without it, they are mutated by chance for a few seconds.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, expect, test } from "vitest"
import { it } from "./DrivenKeeper.ts"

const SOURCES = resolve(import.meta.dirname, "../../keeper")
const CORPUS = join(import.meta.dirname, "corpus")
/** What fuzz.c replaces, or does not need. */
const LEFT_OUT = ["main.c", "guard.c", "launch.c", "logfile.c", "cgroup.c"]
const FLAGS = ["-std=c11", "-g", "-O1", "-fno-sanitize-recover=all", "-DFUZZ"]
const requireAll = process.env.REQUIRE_ALL === "1"
const SECONDS = Number(process.env.SECONDS ?? 3)
const GUIDED_SECONDS = Number(process.env.SECONDS ?? (requireAll ? 60 : 3))
const SEED = process.env.SEED ?? String(Math.floor(Math.random() * 2 ** 31))
const AGAIN = `SEED=${SEED} npx vitest run test/keeper/fuzz.test.ts`

const folder = mkdtempSync(join(tmpdir(), "keeper-fuzz-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function build(compiler: string, ...flags: ReadonlyArray<string>): string {
  const program = join(folder, compiler)
  const sources = readdirSync(SOURCES)
    .filter((name) => name.endsWith(".c") && !LEFT_OUT.includes(name))
    .map((name) => join(SOURCES, name))
  execFileSync(compiler, [...FLAGS, ...flags, ...sources, join(import.meta.dirname, "fuzz.c"), "-o", program], { stdio: "inherit" })
  return program
}

/** What it wrote goes to a file, as it says much: each frame that it refuses. */
function run(program: string, args: ReadonlyArray<string>): { readonly status: number | null; readonly said: string } {
  const file = join(folder, "said")
  const { status } = spawnSync(program, args, { cwd: folder, stdio: ["ignore", "ignore", openSync(file, "w")] })
  return { status, said: readFileSync(file, "utf8").slice(-5_000) }
}

it("survives whatever a brain sends", () => {
  const seeds = readdirSync(CORPUS).map((name) => join(CORPUS, name))
  const { status, said } = run(build("cc", "-fsanitize=address,undefined", "-DFUZZ_MAIN"), [String(SECONDS), SEED, ...seeds])
  expect(status, `${AGAIN}\n${said}`).toBe(0)
})

const EMPTY = "int LLVMFuzzerTestOneInput(const char *data, unsigned long size) { return data == 0 && size > 0; }"
const hasFuzzer = spawnSync("clang", ["-fsanitize=fuzzer", "-x", "c", "-", "-o", join(folder, "empty")], { input: EMPTY }).status === 0
const withoutFuzzer = !hasFuzzer && !requireAll
if (withoutFuzzer) console.log("Left out: fuzzing of the keeper with libFuzzer, as there is none (apt-get install clang libclang-rt-dev).")

test.skipIf(withoutFuzzer)(
  `survives what libFuzzer finds out that it could send, for ${GUIDED_SECONDS} s`,
  { timeout: GUIDED_SECONDS * 1000 + 120_000 },
  () => {
    const found = join(folder, "found")
    mkdirSync(found)
    const limits = [`-max_total_time=${GUIDED_SECONDS}`, "-max_len=65536", `-seed=${SEED}`, "-close_fd_mask=2", "-print_final_stats=1"]
    const { status, said } = run(build("clang", "-fsanitize=fuzzer,address,undefined"), [...limits, found, CORPUS])
    expect(status, `${AGAIN}\n${said}`).toBe(0)
    const [, runs, seconds] = /Done (\d+) runs in (\d+) second/.exec(said) ?? []
    expect(Number(seconds)).toBeGreaterThanOrEqual(GUIDED_SECONDS)
    console.log(`libFuzzer: ${runs} runs in ${seconds} s, without a finding.`)
  }
)
