/**
 * While the disk for our output is full, nothing stops and missing lines are counted; when there is room again, output
 * goes on.
 */
import { spawn, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, expect, it } from "vitest"
import { eventually } from "../runtime/processes.ts"

const bin = fileURLToPath(new URL("../../bin/supervise.js", import.meta.url))
const namespaces = process.getuid?.() === 0 ? ["-m"] : ["-rm"]
const possible = spawnSync("unshare", [...namespaces, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0
if (!possible && process.env.REQUIRE_ALL !== "1") {
  console.log("A full disk is not tested here: it takes `unshare` and `mount` (util-linux, and the right to make a mount namespace).")
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "supervise-full-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it.skipIf(!possible && process.env.REQUIRE_ALL !== "1")(
  "keeps running while its disk is full, and says how many lines are missing",
  async () => {
    const disk = join(folder, "disk")
    mkdirSync(disk)
    const script = `i=0; while [ $i -lt 1000 ]; do i=$((i+1)); echo flood $i; done; until [ -e ${folder}/room ]; do sleep 0.02; done; echo there is room; sleep 1000`
    const a = { type: "worker", id: "a", start: ["sh", "-c", script], ready: { type: "line", pattern: "^flood 1000$" } }
    // It starts when all lines of the other have been read.
    const b = { type: "worker", id: "b", start: ["sh", "-c", `touch ${folder}/flooded; exec sleep 1000`] }
    writeFileSync(join(folder, "tree.json"), JSON.stringify({ type: "supervisor", id: "full", children: [a, b] }))
    const command = `mount -t tmpfs -o size=64k tmpfs ${disk} && exec ${process.execPath} ${bin} ${folder}/tree.json >${disk}/out`
    const child = spawn("unshare", [...namespaces, "sh", "-c", command], { stdio: "ignore" })
    const exited = new Promise((done) => child.on("exit", done))
    try {
      const out = `/proc/${child.pid}/root${disk}/out`
      const printed = () => readFileSync(out, "utf8").replaceAll("\0", "")
      await eventually("it has flooded", () => existsSync(join(folder, "flooded")))
      await eventually("the disk is full", () => readFileSync(out).length === 64 * 1024)
      truncateSync(out)
      writeFileSync(join(folder, "room"), "")
      await eventually("there is room", () => printed().includes("there is room"))
      const lines = printed().trim().split("\n")
      expect(lines.map((line) => JSON.parse(line).event)).toContain("NotShown")
      expect(JSON.parse(lines.find((line) => line.includes("NotShown"))!).lines).toBeGreaterThan(0)
    } finally {
      child.kill("SIGTERM")
      await exited
    }
    expect(child.exitCode).toBe(0)
  }
)

it.skipIf(!possible && process.env.REQUIRE_ALL !== "1")(
  "keeps running when the disk for its recording is full, and says so once",
  async () => {
    const disk = join(folder, "disk")
    mkdirSync(disk)
    const crash = { type: "worker", id: "a", start: ["false"], backoff: { type: "constant", delay: "1ms" } }
    const tree = { type: "supervisor", id: "full", intensity: 500, children: [crash] }
    writeFileSync(join(folder, "tree.json"), JSON.stringify(tree))
    const command = `mount -t tmpfs -o size=16k tmpfs ${disk} && exec ${process.execPath} ${bin} ${folder}/tree.json --record ${disk}/journal`
    const child = spawn("unshare", [...namespaces, "sh", "-c", command], { stdio: ["ignore", "ignore", "pipe"] })
    let stderr = ""
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk))
    await new Promise((done) => child.on("close", done))
    expect(child.exitCode).toBe(75) // it kept running, and gave up as it should
    expect(stderr.match(/The recording in .*/g)).toEqual([`The recording in ${disk}/journal ends here: ENOSPC. The tree goes on.`])
  }
)
