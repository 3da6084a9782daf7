/** What goes into a log comes out of it, or is counted: whatever is printed, killed or full. */
import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { start } from "supervise"
import { describe, expect, it } from "vitest"
import { keeperProgram } from "../../src/leaf/keeper/program.ts"
import { type PathItem, read } from "../../src/leaf/log/reading.ts"
import { oddLines } from "../fixtures/leaf/oddLines.ts"
import { bin, Running, supervise, treeFile } from "./command.ts"
import { eventually, living, temporaryFolder } from "./processes.ts"
import { at, root, shell, soon } from "./tree.ts"

const required = process.env.REQUIRE_ALL === "1"
const withoutKeeper = keeperProgram() instanceof Error && !required
if (withoutKeeper) console.log("Left out: what happens to logs under torture, as there is no keeper (npm run keeper).")

const small = { size: "100 KiB", keep: 1_000 } as const

/** Everything in the log of this worker. */
async function logOf(state: string, path: string): Promise<ReadonlyArray<PathItem>> {
  const reading = {
    root: join(state, "logs"),
    isMeant: (of: string) => of === path,
    lines: undefined,
    needsIncarnations: true,
    follow: false
  }
  const items: Array<PathItem> = []
  for await (const batch of read(reading)) items.push(...batch)
  return items
}
const wholeLines = (items: ReadonlyArray<PathItem>) => items.flatMap((item) => (item._tag === "Line" && !item.isTorn ? [item] : []))
const missing = (items: ReadonlyArray<PathItem>): number => items.reduce((sum, item) => sum + (item._tag === "Gap" ? item.lines : 0), 0)

/** Of each incarnation the numbers that it has printed, in order. */
function countedBy(items: ReadonlyArray<PathItem>): ReadonlyMap<number, ReadonlyArray<number>> {
  const lines = Map.groupBy(wholeLines(items), ({ incarnation = 0 }) => incarnation)
  return new Map([...lines].map(([incarnation, of]) => [incarnation, of.map(({ text }) => Number(text.toString()))]))
}
const upTo = (n: number): ReadonlyArray<number> => Array.from({ length: n }, (_, i) => i + 1)
/** Some thousand lines a second. */
const counting = "i=0; while :; do i=$((i+1)); echo $i; [ $((i % 100)) != 0 ] || sleep 0.02; done"

describe.skipIf(withoutKeeper)("in a log there is", () => {
  it("every line as it was printed: pieces, a megabyte, bytes that are no text, across rotation and compression", async () => {
    const state = join(temporaryFolder(), "state")
    const program = [process.execPath, join(import.meta.dirname, "../fixtures/leaf/oddLines.ts")] as const
    const odd = { ...shell("odd", ""), start: program, restart: "transient", logs: small } as const
    const running = await start(root([odd]), { spawner: "keeper", state })
    await eventually("all is written", async () => (await logOf(state, at("odd"))).some(({ _tag }) => _tag === "End"))
    await running.stop()
    const lines = wholeLines(await logOf(state, at("odd"))).map(({ text }) => text)
    const printed = oddLines()
    expect(lines.length).toBe(printed.length)
    expect(lines.findIndex((line, i) => !line.equals(printed[i]!))).toBe(-1)
  })

  it("no hole when a worker is killed again and again", async () => {
    const state = join(temporaryFolder(), "state")
    const running = await start(root([shell("a", counting, { logs: small, backoff: soon })]), { spawner: "keeper", state })
    for (let n = 1; n <= 4; n++) {
      await eventually(`incarnation ${n} has printed`, async () => (countedBy(await logOf(state, at("a"))).get(n)?.length ?? 0) > 100)
      await running.signal(at("a"), "SIGKILL", "group")
    }
    await running.stop()
    const items = await logOf(state, at("a"))
    for (const [, numbers] of countedBy(items)) expect(numbers).toEqual(upTo(numbers.length))
    const ends = items.flatMap((item) => (item._tag === "End" ? [`${item.incarnation} ${item.signal}`] : []))
    expect(ends.slice(0, 4)).toEqual([1, 2, 3, 4].map((n) => `${n} SIGKILL`))
    expect(missing(items)).toBe(0)
  })

  it("no hole when the supervisor is killed, and the next one writes on", async () => {
    const folder = temporaryFolder()
    const state = join(folder, ".supervise")
    const file = treeFile(root([shell("a", counting, { logs: small })]), folder)
    for (let n = 1; n <= 3; n++) {
      const running = supervise(["--spawner", "keeper", "--plain", file])
      const ends = async () => (await logOf(state, at("a"))).filter(({ _tag }) => _tag === "End").length
      await eventually("it has printed", async () => {
        const items = await logOf(state, at("a"))
        return (
          wholeLines(items.slice(items.findLastIndex(({ _tag }) => _tag === "Begin"))).length > 100 &&
          items.filter(({ _tag }) => _tag === "Begin").length === n
        )
      })
      running.kill("SIGKILL")
      await running.ended
      await eventually("its worker has ended, too, and the log says so", async () => living(at("a")).length === 0 && (await ends()) === n)
    }
    const runs: Array<Array<number>> = []
    for (const item of await logOf(state, at("a"))) {
      if (item._tag === "Begin") runs.push([])
      if (item._tag === "Line" && !item.isTorn) runs.at(-1)!.push(Number(item.text.toString()))
    }
    expect(runs.length).toBe(3)
    for (const numbers of runs) expect(numbers).toEqual(upTo(numbers.length))
  })
})

const namespaces = process.getuid?.() === 0 ? ["-m"] : ["-rm"]
const canMount = spawnSync("unshare", [...namespaces, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0
if (!canMount && !required)
  console.log("Left out: logs on a full disk, as there is no `unshare` and `mount` (util-linux, and the right to).")

it.skipIf(withoutKeeper || (!canMount && !required))(
  "on a full disk of 1 MB the tree runs on and says so; then the log has all lines, or how many are missing",
  async () => {
    const folder = temporaryFolder()
    const disk = join(folder, "disk")
    mkdirSync(disk)
    const lines = 40_000 // an entry has 40 bytes beside its text: neither log fits
    const logs = (whenFull: "block" | "drop") => ({ size: "100 KiB", keep: 100, compress: false, whenFull }) as const
    const job = (id: string, whenFull: "block" | "drop") => shell(id, `seq 1 ${lines}; read go`, { stdin: "pipe", logs: logs(whenFull) })
    const file = treeFile(root([job("blocks", "block"), job("drops", "drop")]), folder)
    const state = join(disk, "state")
    const supervise = [process.execPath, bin, "--spawner", "keeper", "--state", state, "--plain", file].join(" ")
    const tree = new Running("unshare", [
      ...namespaces,
      "sh",
      "-c",
      `mount -t tmpfs -o size=1m tmpfs ${disk} && exec ${supervise} >/dev/null`
    ])
    const seen = join(`/proc/${tree.pid}/root`, state)
    const inside = ["-t", String(tree.pid), "-m"]
    const within = (...args: ReadonlyArray<string>) => execFileSync("nsenter", [...inside, ...args], { encoding: "utf8" })
    await eventually("it can be asked", () => existsSync(join(seen, "control.sock")))
    const running = new Running("nsenter", [...inside, process.execPath, bin, "events", "-f", "--json", "--state", state])

    await running.event("LogFailed", at("blocks"))
    const { message } = await running.event("LogFailed", at("drops"))
    expect(message).toBe("its log cannot be written (ENOSPC); it runs on")
    expect(within(process.execPath, bin, "why", "blocks", "--state", state)).toContain("Its log cannot be written (ENOSPC), since ")
    within("mount", "-o", "remount,size=64m", disk)
    const out = async (id: string) => {
      const items = await logOf(seen, at(id))
      return { numbers: wholeLines(items).map(({ text }) => Number(text.toString())), missing: missing(items) }
    }
    await eventually("it has caught up", async () => (await out("blocks")).numbers.length === lines)
    await eventually("all is written or counted", async () => {
      const { numbers, missing } = await out("drops")
      return numbers.length + missing === lines
    })
    expect(await out("blocks")).toEqual({ numbers: upTo(lines), missing: 0 })
    const drops = await out("drops")
    expect(drops.missing).toBeGreaterThan(0)
    expect(drops.numbers).toEqual([...new Set(drops.numbers)].sort((one, other) => one - other))
    await running.event("LogResumed", at("blocks"))
    const told = () => running.events.filter(({ event, path }) => event === "LogResumed" && path === at("drops"))
    await eventually(
      "the events have told how many are missing",
      () => told().reduce((sum, { lines = 0 }) => sum + lines, 0) === drops.missing
    )
    expect(within(process.execPath, bin, "why", "blocks", "--state", state)).not.toContain("cannot be written")
    within(process.execPath, bin, "stop", "--state", state)
    expect(await running.code).toBe(0)
    expect(await tree.code).toBe(0)
  }
)
