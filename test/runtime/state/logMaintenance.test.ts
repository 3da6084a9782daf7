/** What is done to log files while a tree runs. */
import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pool, type Supervisor, start, supervisor, worker } from "supervise"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { make } from "../../../src/core/Machine.ts"
import { keeperProgram } from "../../../src/leaf/keeper/program.ts"
import type { TreeEvent } from "../../../src/runtime/read/TreeEvent.ts"
import { LogFolders } from "../../../src/runtime/state/LogFolders.ts"
import { LOGS_OF_GONE, LogMaintenance } from "../../../src/runtime/state/LogMaintenance.ts"
import { decodeTreeOrThrow } from "../../../src/tree/decode.ts"
import { LogWriter } from "../../leaf/log/LogWriter.ts"
import { eventually, temporaryFolder } from "../processes.ts"
import { at, root, shell } from "../tree.ts"

let state: string
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "supervise-logs-"))
})
afterEach(() => rmSync(state, { recursive: true, force: true }))

const sleep = ["sleep", "1000"] as const
const tree = decodeTreeOrThrow(
  supervisor({
    id: "r",
    children: [
      worker({ id: "a", start: sleep }),
      worker({ id: "plain", start: sleep, logs: { compress: false } }),
      pool({ id: "jobs", size: 1, child: worker({ id: "job", start: sleep }) })
    ]
  })
)

/** A tree of which only these paths are there, beside what its file names. */
function maintained(limits = { folders: 10, bytes: 1024 * 1024 }, ...there: ReadonlyArray<string>) {
  const state_ = make(tree, 1)
  const specOf = (path: string) => (tree as Supervisor).children[path === "/r/plain" ? 1 : 0]
  const children = new Map(there.map((path) => [path, { spec: specOf(path) }]))
  const supervisors = new Map<string, object>()
  let told: ((event: TreeEvent) => void) | undefined
  const kernel = {
    state: { ...state_, children, supervisors } as never,
    observe: (observer: { told?: (event: TreeEvent) => void }) => {
      told = observer.told
      return () => {}
    }
  }
  const folders = new LogFolders(state)
  const maintenance = new LogMaintenance(kernel, folders, limits)
  return { maintenance, folders, children, supervisors, tell: (event: object) => told!(event as TreeEvent) }
}

const log = (path: string): LogWriter => new LogWriter(join(state, "logs"), path)
const filesOf = (path: string): ReadonlyArray<string> => readdirSync(join(state, "logs", path)).map((name) => name.replace(/^\d.*Z/, "old"))

describe("compression", () => {
  it("is done for files that are no longer written, also of logs that an earlier tree has left", async () => {
    for (const path of ["/r/a", "/r/plain", "/r/jobs/7"]) {
      const written = log(path)
      written.line("one")
      written.rotate()
    }
    const { maintenance } = maintained(undefined, "/r/a", "/r/plain")
    await maintenance.round()
    expect(filesOf("/r/a")).toEqual(["old.log.gz", "current.log"])
    expect(filesOf("/r/jobs/7")).toEqual(["old.log.gz", "current.log"])
    expect(filesOf("/r/plain")).toEqual(["old.log", "current.log"])
    await maintenance.close()
  })

  it("is done again when there is another one, of workers that began later, too", async () => {
    const { maintenance, tell } = maintained(undefined, "/r/jobs/1")
    await maintenance.round()
    const job = log("/r/jobs/1")
    tell({ _tag: "Spawned", path: "/r/jobs/1" })
    await maintenance.round()
    job.line("one")
    job.rotate()
    await maintenance.round()
    expect(filesOf("/r/jobs/1")).toEqual(["old.log.gz", "current.log"])
    await maintenance.close()
  })
})

describe("removal", () => {
  const instances = (count: number): void => {
    for (let i = 1; i <= count; i++) {
      const instance = log(`/r/jobs/${i}`)
      instance.line(`of ${i}`)
      utimesSync(join(instance.folder, "current.log"), i, i)
    }
  }

  it("begins with the oldest of those that are not there any more", async () => {
    instances(6)
    log("/r/a")
    const { maintenance } = maintained({ folders: 2, bytes: 1024 * 1024 }, "/r/jobs/1", "/r/jobs/4")
    await maintenance.round()
    expect(readdirSync(join(state, "logs/r/jobs"))).toEqual(["1", "4", "5", "6"])
    expect(readdirSync(join(state, "logs/r"))).toEqual(["a", "jobs"])
    await maintenance.close()
  })

  it("takes the folders of supervisors along that are not there either, and nothing that is no log", async () => {
    log("/r/gone/deep/w")
    log("/r/other/w")
    const other = log("/r/other/v")
    other.raw("")
    rmSync(join(other.folder, "current.log"))
    const { maintenance } = maintained({ folders: 0, bytes: 0 })
    await maintenance.round()
    expect(existsSync(join(state, "logs/r/gone"))).toBe(false)
    expect(readdirSync(join(state, "logs/r/other"))).toEqual(["v"])
    await maintenance.close()
  })

  it("leaves alone what is there, whatever its size", async () => {
    instances(3)
    const { maintenance } = maintained({ folders: 0, bytes: 0 }, "/r/jobs/1", "/r/jobs/2", "/r/jobs/3")
    await maintenance.round()
    expect(readdirSync(join(state, "logs/r/jobs"))).toEqual(["1", "2", "3"])
    await maintenance.close()
  })
})

describe("what is too large", () => {
  it("is looked for now and then, and what is too much at once", async () => {
    const { maintenance, tell } = maintained({ folders: 2, bytes: 50 })
    await maintenance.round()
    log("/r/jobs/1").line("x".repeat(100))
    tell({ _tag: "Spawned", path: "/r/jobs/1" })
    for (let round = 2; round <= 12; round++) await maintenance.round()
    expect(readdirSync(join(state, "logs/r/jobs"))).toEqual(["1"])
    await maintenance.round()
    expect(readdirSync(join(state, "logs/r/jobs"))).toEqual([])
    for (const n of [2, 3, 4]) {
      log(`/r/jobs/${n}`)
      tell({ _tag: "Spawned", path: `/r/jobs/${n}` })
    }
    await maintenance.round()
    expect(readdirSync(join(state, "logs/r/jobs"))).toHaveLength(2)
    await maintenance.close()
  })

  it("by default 256 MiB, and a thousand folders", async () => {
    const first = log("/r/jobs/1")
    truncateSync(join(first.folder, "current.log"), 256 * 1024 * 1024 - 20)
    const { maintenance } = maintained(LOGS_OF_GONE)
    await maintenance.round()
    expect(readdirSync(join(state, "logs/r/jobs"))).toEqual(["1"])
    await maintenance.close()
    truncateSync(join(first.folder, "current.log"), 256 * 1024 * 1024 + 20)
    const later = maintained(LOGS_OF_GONE)
    await later.maintenance.round()
    expect(readdirSync(join(state, "logs/r/jobs"))).toEqual([])
    expect(LOGS_OF_GONE.folders).toBe(1_000)
    await later.maintenance.close()
  })

  it("is not of one that comes back meanwhile, and nothing is removed any more when the tree ends", async () => {
    for (const n of [1, 2, 3]) log(`/r/jobs/${n}`)
    const { maintenance, children } = maintained({ folders: 0, bytes: 0 })
    const round = maintenance.round()
    children.set("/r/jobs/2", { spec: undefined })
    await round
    expect(readdirSync(join(state, "logs/r/jobs"))).toEqual(["2"])
    children.clear()
    const last = maintenance.round()
    await maintenance.close()
    await last
    expect(readdirSync(join(state, "logs/r/jobs"))).toEqual(["2"])
  })
})

it("folders of supervisors that are there stay, also without a log in them", async () => {
  for (const path of ["/r/up/w", "/r/jobs/1", "/r/gone/w"]) log(path)
  const { maintenance, supervisors } = maintained({ folders: 0, bytes: 0 })
  supervisors.set("/r/up", {})
  await maintenance.round()
  expect(readdirSync(join(state, "logs/r"))).toEqual(["jobs", "up"])
  await maintenance.close()
})

it("what was half compressed when the supervisor ended is dealt with before anything else", async () => {
  const { folder } = log("/r/a")
  writeFileSync(join(folder, ".2026-01-01T00-00-00.000000000Z.log.gz.part"), "half")
  const { maintenance } = maintained(undefined, "/r/a")
  const round = maintenance.round()
  await maintenance.close()
  await round
  expect(readdirSync(folder)).toEqual(["current.log"])
})

it("a folder that is made again is not asked for any more", async () => {
  for (const again of ["LogResumed", "Removed"]) {
    const { folders, tell, maintenance } = maintained()
    writeFileSync(join(state, "lock"), "")
    folders.of("/r/jobs/1")
    tell({ _tag: "LogFailed", path: "/r/jobs/1", errno: "ENOENT" })
    tell({ _tag: again, path: "/r/jobs/1" })
    rmSync(join(state, "logs"), { recursive: true })
    await maintenance.round()
    expect(existsSync(join(state, "logs"))).toBe(false)
    await maintenance.close()
  }
})

it("folders that something else has removed are made again when the keeper misses them", async () => {
  const { folders, tell, maintenance } = maintained()
  writeFileSync(join(state, "lock"), "")
  folders.of("/r/jobs/1")
  rmSync(join(state, "logs"), { recursive: true })
  tell({ _tag: "LogFailed", path: "/r/jobs/1", errno: "ENOSPC" })
  expect(existsSync(join(state, "logs"))).toBe(false)
  tell({ _tag: "LogFailed", path: "/r/jobs/1", errno: "ENOENT" })
  expect(existsSync(join(state, "logs/r/jobs"))).toBe(true)
  // Without a lock the state directory is not ours, and a folder in it would keep it from becoming so.
  rmSync(join(state, "logs"), { recursive: true })
  rmSync(join(state, "lock"))
  await maintenance.round()
  expect(existsSync(join(state, "logs"))).toBe(false)
  writeFileSync(join(state, "lock"), "")
  await maintenance.round()
  expect(existsSync(join(state, "logs/r/jobs"))).toBe(true)
  await maintenance.close()
})

const withoutKeeper = keeperProgram() instanceof Error && process.env.REQUIRE_ALL !== "1"
if (withoutKeeper) console.log("Left out: the log files of a running tree, as there is no keeper (npm run keeper).")

it.skipIf(withoutKeeper)("while a tree runs its files are compressed, and its log goes on where its folders were removed", async () => {
  const state = join(temporaryFolder(), "state")
  const logs = { size: "4 KiB", keep: 5 } as const
  const running = await start(root([shell("a", "seq 1 1000; while :; do sleep 0.05; seq 1 20; done", { logs })]), {
    spawner: "keeper",
    state
  })
  const folder = join(state, "logs", at("a"))
  await eventually("files are compressed", () => readdirSync(folder).some((name) => name.endsWith(".gz")))
  rmSync(join(state, "logs"), { recursive: true })
  await eventually("it is written again", () => existsSync(join(folder, "current.log")))
  await running.stop()
})
