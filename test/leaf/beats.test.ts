import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it } from "vitest"
import { monotonicMs } from "../../src/leaf/os/monotonic.ts"
import { eventually, fixture, type LeafRecorder, living, recorder, SAY_DESCRIPTORS } from "./LeafRecorder.ts"
import { contract } from "./testedSpawners.ts"

const FD_3 = { type: "fd", fd: 3 } as const
const node = (way: string) => [process.execPath, fixture("beating.ts"), way] as const

const hasCc = (() => {
  try {
    execFileSync("cc", ["--version"])
    return true
  } catch {
    return false
  }
})()

/** Every timestamp is from our own clock, between the start of the test and its arrival. */
function expectOurClock(w: LeafRecorder, since: number): void {
  for (const { sentAt, receivedAt } of w.beats) {
    expect(sentAt).toBeGreaterThanOrEqual(since)
    expect(sentAt).toBeLessThanOrEqual(receivedAt)
  }
}

contract("heartbeats", () => {
  it("come from a shell, beside readiness, on one descriptor", async () => {
    const w = recorder()
    const since = monotonicMs()
    w.sh("echo beat >&3; echo ready >&3; echo beat >&3; echo beat >&3; echo done; exec sleep 1000", { ready: FD_3, beatMs: 20 })
    await w.event("Ready")
    const beats = await w.beaten(3)
    expect(beats.map(({ leaf, sentAt }) => [leaf.path, leaf.incarnation, sentAt])).toEqual(Array(3).fill([w.path, 1, undefined]))
    for (const { receivedAt } of beats) expect(receivedAt).toBeGreaterThanOrEqual(since)
    expect(w.tags()).toEqual(["Spawned", "Ready"])
  })

  it("come from Node, with timestamps of the clock that we use", async () => {
    const w = recorder()
    const since = monotonicMs()
    w.spawn(node("work"), { ready: FD_3, beatMs: 5 })
    await w.event("Ready")
    await w.beaten(5)
    expectOurClock(w, since)
  })

  if (!hasCc) console.log("Left out: heartbeats of a C program, as there is no cc (apt-get install gcc libc6-dev).")
  it.skipIf(!hasCc && process.env.REQUIRE_ALL !== "1")("come from C", async () => {
    const folder = mkdtempSync(join(tmpdir(), "supervise-beats-"))
    try {
      writeFileSync(join(folder, "beat.c"), inC)
      execFileSync("cc", ["-o", join(folder, "beat"), join(folder, "beat.c")])
      const w = recorder()
      const since = monotonicMs()
      w.spawn([join(folder, "beat")], { beatMs: 5 })
      await w.beaten(5)
      expectOurClock(w, since)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
  const inC = `
    #include <stdio.h>
    #include <time.h>
    #include <unistd.h>
    int main(void) {
      for (;;) {
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        dprintf(3, "beat %lld\\n", t.tv_sec * 1000000LL + t.tv_nsec / 1000);
        usleep(5000);
      }
    }`

  it("have their own descriptor if readiness comes another way, and it is named in the environment", async () => {
    const w = recorder()
    w.sh(`echo $SUPERVISE_FD $SUPERVISE_BEAT_MS; ${SAY_DESCRIPTORS}; echo >&3; echo beat >&3; exec sleep 1000`, { beatMs: 250 })
    await w.beaten(1)
    await w.until("both lines", () => (w.texts().length === 2 ? true : undefined))
    expect(w.texts()[0]).toBe("3 250")
    expect(w.texts()[1]!.trim().split(" ")).toContain("3")
    expect(w.tags()).toEqual(["Spawned", "Ready"])
  })

  it("come on the descriptor of readiness, and readiness is reported once", async () => {
    const w = recorder()
    w.sh("echo $SUPERVISE_FD; echo up >&7; echo up >&7; echo beat >&7; exec sleep 1000", { ready: { type: "fd", fd: 7 }, beatMs: 20 })
    await w.beaten(1)
    await w.line("7")
    expect(w.tags()).toEqual(["Spawned", "Ready"])
  })

  it("are not requested by the variables of a supervisor above us", async () => {
    process.env.SUPERVISE_BEAT_MS = "77"
    try {
      const w = recorder()
      w.sh('echo "<$SUPERVISE_BEAT_MS>"')
      await w.line("<>")
      await w.event("Exited")
    } finally {
      delete process.env.SUPERVISE_BEAT_MS
    }
  })

  it("are complete when their lines come in pieces", async () => {
    const w = recorder()
    w.sh(
      "printf be >&3; sleep 0.02; printf 'at 12' >&3; sleep 0.02; printf '34000\\nbeat 2000' >&3; sleep 0.02; echo >&3; exec sleep 1000",
      {
        beatMs: 20
      }
    )
    expect((await w.beaten(2)).map(({ sentAt }) => sentAt)).toEqual([1_234, 2])
  })

  it("are passed on with any timestamp, unchecked", async () => {
    const w = recorder()
    w.sh("echo beat 0 >&3; echo beat 999999999999999 >&3; echo beat -5 >&3; echo beat soon >&3; exec sleep 1000", { beatMs: 20 })
    expect((await w.beaten(4)).map(({ sentAt }) => sentAt)).toEqual([0, 999_999_999_999.999, undefined, undefined])
  })

  it("are found after a mebibyte of garbage, with newlines and without", async () => {
    for (const garbage of ["tr '\\0' 'x'", "base64", "cat"]) {
      const w = recorder()
      w.sh(`head -c 1048576 /dev/zero | ${garbage} >&3; echo >&3; echo beat 1000 >&3; exec sleep 1000`, { ready: FD_3, beatMs: 20 })
      expect((await w.beaten(1)).map(({ sentAt }) => sentAt)).toEqual([1])
      await w.event("Ready")
      expect(w.tags()).toEqual(["Spawned", "Ready"])
      expect(w.spawner.kept().bytes).toBe(0)
    }
  })

  it("are lost when a living process closes the descriptor, which is not an exit", async () => {
    const w = recorder()
    w.sh("echo beat >&3; exec 3>&-; trap 'exit 3' TERM; while :; do sleep 0.01; done", { beatMs: 20 })
    await w.until("it is lost", () => (w.lost.length > 0 ? true : undefined))
    expect(w.lost.map(({ path, incarnation }) => [path, incarnation])).toEqual([[w.path, 1]])
    expect(w.beats).toHaveLength(1)
    expect(w.tags()).toEqual(["Spawned", "Ready"])
    w.stop()
    expect(await w.event("Exited")).toMatchObject({ code: 3 })
  })

  it("are not reported as lost when a process ends", async () => {
    const w = recorder()
    const ends = 50
    for (let i = 0; i < ends; i++) w.sh("echo beat >&3", { path: `${w.path}-${i}`, beatMs: 20 })
    await w.until("all have ended", () => (w.tags().filter((tag) => tag === "Exited").length === ends ? true : undefined))
    // Another leaf loses its channel afterwards; what would be reported of the first ones comes before.
    w.sh("exec 3>&-; exec sleep 1000", { path: `${w.path}-b`, beatMs: 20 })
    await w.until("the other is lost", () => (w.lost.length > 0 ? true : undefined))
    expect(w.lost.map(({ path }) => path)).toEqual([`${w.path}-b`])
    expect(w.beats).toHaveLength(ends)
  })

  it("are received before the exit, also those written last", async () => {
    const w = recorder()
    w.sh("echo beat 1000 >&3; echo beat 2000 >&3; kill -KILL $$", { beatMs: 20 })
    await w.event("Exited")
    expect(w.beats.map(({ sentAt }) => sentAt)).toEqual([1, 2])
  })

  it("go to the present listener, and are not kept", async () => {
    const w = recorder()
    w.spawn(node("timer"), { beatMs: 5 })
    await w.beaten(2)
    const heard: Array<string> = []
    w.spawner.onBeats({ beat: ({ path }) => heard.push(path), lost: () => {}, failed: () => {} })
    const before = w.beats.length
    await eventually("the new listener gets beats", () => heard.length > 1)
    expect(w.beats).toHaveLength(before)
    expect(w.events.map(({ n }) => n)).toEqual([1, 2])
    w.spawner.close()
    await eventually("its process has ended", () => living(w.path).length === 0)
  })
})
