import { describe, expect, it } from "vitest"
import { LINE_LIMIT } from "../../src/leaf/node/Lines.ts"
import { BYTES_IN_ALL, BYTES_PER_LEAF, LINE_OVERHEAD, LINES_PER_LEAF, Outbox, OutputQuota } from "../../src/leaf/node/Outbox.ts"
import type { LeafEvent } from "../../src/leaf/Spawner.ts"
import { eventually, SAY_DESCRIPTORS, Witness } from "./witness.ts"

/** One line of ten million bytes, without its newline. */
const ten = "head -c 10000000 /dev/zero | tr '\\0' 'x'"

describe("output", () => {
  it("is told as lines, of both streams, before the end", async () => {
    const w = new Witness()
    w.sh("echo one; echo two >&2; printf 'three\\r\\n'; printf last; printf lost >&2")
    await w.event("Exited")
    expect(w.texts()).toEqual(["one", "three", "last"])
    expect(w.texts("stderr")).toEqual(["two", "lost"])
    expect(w.events.at(-1)?._tag).toBe("Exited")
  })

  it("is UTF-8, also where a character comes in two writes", async () => {
    const w = new Witness()
    w.sh("printf 'gr\\303'; sleep 0.05; printf '\\274n \\342\\202'; sleep 0.05; printf '\\254\\n'")
    expect((await w.event("Line")).text).toBe("grün €")
    await w.event("Exited")
  })

  it("may end before the process", async () => {
    const w = new Witness()
    w.sh("trap 'exit 2' TERM; echo up; exec >/dev/null 2>&1; while :; do sleep 0.01; done")
    await w.line("up")
    w.stop()
    expect(await w.event("Exited")).toMatchObject({ code: 2 })
    expect(w.tags()).toEqual(["Spawned", "Ready", "Exited"])
  })

  it("never holds up a process, however much it is", async () => {
    const w = new Witness()
    let bytes = 0
    w.spawner.attach((event) => {
      if (event._tag === "Line") bytes += event.text.length + 1
      else w.events.push(event)
      w.spawner.acknowledge(event.n)
    })
    w.sh("head -c 10000000 /dev/zero | tr '\\0' 'x' | fold -w 99")
    await eventually("it has ended", () => w.tags().includes("Exited"))
    expect(bytes).toBe(10_000_000 + Math.floor(10_000_000 / 99) + 1)
    expect(w.tags()).toEqual(["Spawned", "Ready", "Exited"])
    expect(w.spawner.kept()).toEqual({ events: 0, bytes: 0 })
  })

  it("is dropped, and that is told, when nobody takes it", async () => {
    const w = new Witness()
    w.spawn(["yes"])
    await eventually("it is full", () => w.texts().length >= LINES_PER_LEAF)
    w.stop()
    await w.event("Exited")
    expect(w.texts()).toHaveLength(LINES_PER_LEAF)
    expect(w.spawner.kept().bytes).toBeLessThanOrEqual(BYTES_PER_LEAF)
    expect(w.tags()).toEqual(["Spawned", "Ready", "Dropped", "Exited"])
    const { lines, bytes } = await w.event("Dropped")
    expect(bytes).toBe(lines)
  })

  it("is bounded by its bytes, too", async () => {
    const w = new Witness()
    w.sh("head -c 3000000 /dev/zero | tr '\\0' 'x' | fold -w 1000; echo")
    await w.event("Exited")
    const kept = w.texts().length
    expect(kept).toBe(Math.floor(BYTES_PER_LEAF / (1_000 + LINE_OVERHEAD)))
    expect(await w.event("Dropped")).toMatchObject({ lines: 3_000 - kept, bytes: (3_000 - kept) * 1_000 })
  })

  it("is bounded for all together", async () => {
    const w = new Witness()
    const leaves = 24
    for (let i = 0; i < leaves; i++) {
      w.sh("head -c 1100000 /dev/zero | tr '\\0' 'x' | fold -w 10000", { path: `${w.path}-${i}` })
    }
    await w.until("all have ended", () => w.tags().filter((tag) => tag === "Exited").length === leaves || undefined)
    expect(w.spawner.kept().bytes).toBeLessThanOrEqual(BYTES_IN_ALL)
    expect(w.spawner.kept().bytes).toBeGreaterThan(BYTES_IN_ALL - 20_000)
    w.spawner.acknowledge(Number.POSITIVE_INFINITY)
    expect(w.spawner.kept()).toEqual({ events: 0, bytes: 0 })
  })

  it("goes on after a gap, once what was told is acknowledged", async () => {
    const w = new Witness()
    w.sh("trap 'echo after' USR1; yes | head -n 9000; echo full >&2; while :; do sleep 0.01; done")
    const { pid } = await w.event("Spawned")
    expect(pid).toBeGreaterThan(1)
    await eventually("it is full", () => w.texts().length >= LINES_PER_LEAF)
    w.spawner.acknowledge(w.events.at(-1)!.n)
    const dropped = await w.event("Dropped")
    expect(w.events.filter(({ n }) => n < dropped.n && n > 2)).toHaveLength(LINES_PER_LEAF)
    w.spawner.acknowledge(Number.POSITIVE_INFINITY)
    w.signal("SIGUSR1", "leader")
    await w.line("after")
    w.stop()
    await w.event("Exited")
    const told = w.events.reduce((sum, event) => sum + (event._tag === "Line" ? 1 : event._tag === "Dropped" ? event.lines : 0), 0)
    expect(told).toBe(9_000 + 2)
    numbered(w.events)
  })

  it("goes on after a gap only when half of what all may keep is free, too", () => {
    const outbox = new Outbox()
    const size = 10_000
    const fill = (account: OutputQuota): void => {
      while (outbox.hasRoom(account, size)) outbox.tellLine(account, "stdout", "", size, false)
    }
    const [first, ...others] = Array.from({ length: 20 }, (_, n) => new OutputQuota({ path: `/${n}`, incarnation: 1 }))
    fill(first!)
    const ofFirst = outbox.size().events
    for (const account of others) fill(account)
    outbox.acknowledge(ofFirst)
    expect(first).toMatchObject({ full: true, lines: 0, bytes: 0 })
    expect(outbox.hasRoom(first!, size)).toBe(false)
    outbox.acknowledge(outbox.size().events - Math.floor(BYTES_IN_ALL / 2 / (size + LINE_OVERHEAD)) + ofFirst)
    expect(outbox.size().bytes).toBeLessThanOrEqual(BYTES_IN_ALL / 2)
    expect(outbox.hasRoom(first!, size)).toBe(true)
  })

  it("does not starve others, even when it floods", async () => {
    const w = new Witness()
    w.spawn(["yes"])
    await eventually("it is full", () => w.texts().length >= LINES_PER_LEAF)
    const path = `${w.path}-other`
    w.sh("echo heard", { path })
    await w.line("heard")
    await w.event("Exited", (event) => event.path === path)
    expect(w.events.filter((event) => event._tag === "Exited").map((event) => event.path)).toEqual([path])
    w.stop()
    await w.event("Exited", (event) => event.path === w.path)
  })

  it("comes in pieces where a line is too long, all of it, and no more of it is held than may be", async () => {
    const w = new Witness()
    const pieces: Array<{ readonly bytes: number; readonly continues: boolean }> = []
    let most = 0
    w.spawner.attach((event) => {
      if (event._tag === "Line") pieces.push({ bytes: Buffer.byteLength(event.text), continues: event.continues })
      else w.events.push(event)
      most = Math.max(most, w.spawner.kept().bytes)
      w.spawner.acknowledge(event.n)
    })
    w.sh(ten)
    await eventually("it has ended", () => w.tags().includes("Exited"))
    expect(pieces.map(({ bytes }) => bytes).reduce((sum, bytes) => sum + bytes)).toBe(10_000_000)
    expect(Math.max(...pieces.map(({ bytes }) => bytes))).toBe(LINE_LIMIT)
    expect(pieces.map(({ continues }) => continues)).toEqual(pieces.map((_, i) => i < pieces.length - 1))
    expect(most).toBeLessThanOrEqual(LINE_LIMIT + LINE_OVERHEAD)
    expect(w.tags()).toEqual(["Spawned", "Ready", "Exited"])
  })

  it("holds no more than it may of a line of 10 MB that nobody takes, and tells how much is missing", async () => {
    const w = new Witness()
    w.sh(ten)
    await w.event("Exited")
    expect(w.spawner.kept().bytes).toBeLessThanOrEqual(BYTES_PER_LEAF)
    const told = w.texts().reduce((sum, text) => sum + text.length, 0)
    expect(told).toBeGreaterThan(BYTES_PER_LEAF - 2 * LINE_LIMIT)
    expect((await w.event("Dropped")).bytes).toBe(10_000_000 - told)
  })
})

describe("readiness", () => {
  it("is the start itself", async () => {
    const w = new Witness()
    w.spawn(["sleep", "1000"])
    await w.event("Ready")
    expect(w.tags()).toEqual(["Spawned", "Ready"])
  })

  it("is never told where it means the exit", async () => {
    const w = new Witness()
    w.spawn(["true"], { ready: { type: "none" } })
    await w.event("Exited")
    expect(w.tags()).toEqual(["Spawned", "Exited"])
  })

  it("is a line of stdout that matches, once, and output goes on", async () => {
    const w = new Witness()
    w.sh("echo ready on 80 >&2; echo not yet; echo ready on 80; echo ready on 81; echo more", {
      ready: { type: "line", pattern: "^ready on [0-9]+$" }
    })
    await w.event("Exited")
    expect(w.tags()).toEqual(["Spawned", "Ready", "Exited"])
    const order = w.events.flatMap((event) =>
      event._tag === "Ready" ? ["Ready"] : "text" in event && event.stream === "stdout" ? [event.text] : []
    )
    expect(order).toEqual(["not yet", "ready on 80", "Ready", "ready on 81", "more"])
  })

  it("is a whole line, not the part that came first", async () => {
    const w = new Witness()
    w.sh("printf ready; sleep 0.05; echo ' not'; echo done", { ready: { type: "line", pattern: "^ready$" } })
    await w.event("Exited")
    expect(w.tags()).toEqual(["Spawned", "Exited"])
  })

  it("is looked for in the beginning of a line only", async () => {
    const w = new Witness()
    w.sh("head -c 5000 /dev/zero | tr '\\0' 'x'; echo ready; head -c 200000 /dev/zero | tr '\\0' 'x'; echo ready", {
      ready: { type: "line", pattern: "ready" }
    })
    await w.event("Exited")
    expect(w.tags()).toEqual(["Spawned", "Exited"])
  })

  it("is found in a line that is not kept", async () => {
    const w = new Witness()
    w.sh(`yes | head -n ${LINES_PER_LEAF * 2}; echo ready; exec sleep 1000`, { ready: { type: "line", pattern: "^ready$" } })
    await w.event("Ready")
    expect(w.tags()).toEqual(["Spawned", "Dropped", "Ready"])
  })

  it("is a newline on a descriptor, which is then closed", async () => {
    const w = new Witness()
    w.sh(`printf before >&5; echo said $SUPERVISE_FD; ${SAY_DESCRIPTORS}; echo >&5; echo on; exec sleep 1000`, {
      ready: { type: "fd", fd: 5 }
    })
    await w.line("on")
    await w.event("Ready")
    expect(w.texts()[0]).toBe("said 5")
    const fds = w.texts()[1]!.trim().split(" ")
    expect(fds).toContain("5")
    expect(fds).not.toContain("3")
    expect(fds).not.toContain("4")
    expect(w.tags()).toEqual(["Spawned", "Ready"])
  })

  it("is not the end of that descriptor", async () => {
    const w = new Witness()
    w.sh("printf nearly >&3; exec 3>&-; echo on; sleep 0.05", { ready: { type: "fd", fd: 3 } })
    await w.event("Exited")
    expect(w.tags()).toEqual(["Spawned", "Exited"])
  })

  it("may be the last thing that is done", async () => {
    const w = new Witness()
    w.sh("echo >&3; exit 1", { ready: { type: "fd", fd: 3 } })
    await w.event("Exited")
    expect(w.tags()).toEqual(["Spawned", "Ready", "Exited"])
  })
})

/** The numbers of the events count up by one. */
function numbered(events: ReadonlyArray<LeafEvent>): void {
  expect(events.map(({ n }) => n)).toEqual(events.map((_, i) => i + 1))
}

describe("events", () => {
  it("are told again to whoever comes later, unless they were acknowledged", async () => {
    const w = new Witness({}, false)
    w.sh("echo one; echo two; exit 4")
    await eventually("it has ended", () => w.spawner.kept().events === 5)
    const again = (): ReadonlyArray<LeafEvent> => {
      const seen: Array<LeafEvent> = []
      w.spawner.attach((event) => seen.push(event))
      return seen
    }
    const first = again()
    expect(first.map(({ _tag }) => _tag)).toEqual(["Spawned", "Ready", "Line", "Line", "Exited"])
    expect(again()).toEqual(first)
    w.spawner.acknowledge(3)
    expect(again()).toEqual(first.slice(3))
    w.spawner.acknowledge(2)
    w.spawner.acknowledge(Number.NaN)
    expect(w.spawner.kept().events).toBe(2)
    w.spawner.acknowledge(1_000_000)
    expect(again()).toEqual([])
  })

  it("are told in order, also those that a sink makes while it is told", async () => {
    const w = new Witness({}, false)
    w.sh("echo one; echo two; exit 4")
    await eventually("it has ended", () => w.spawner.kept().events === 5)
    let inside = false
    w.spawner.attach((event) => {
      expect(inside).toBe(false)
      inside = true
      w.events.push(event)
      if (event.n === 2) {
        w.spawn(["sleep", "1000"], { incarnation: 2 })
        w.spawner.stop({ path: w.path, incarnation: 2 }, 0)
        w.spawner.acknowledge(1)
      }
      inside = false
    })
    numbered(w.events)
    expect(w.events.at(-1)).toMatchObject({ _tag: "NotStarted", errno: "STOPPED", incarnation: 2, n: 6 })
  })

  it("go on when a sink throws, which is warned of once", async () => {
    const warnings: Array<string> = []
    const warn = (warning: Error): number => warnings.push(warning.message)
    process.on("warning", warn)
    try {
      const w = new Witness()
      w.spawner.attach((event) => {
        w.events.push(event)
        throw new Error("a bad sink")
      })
      w.sh("echo one; exit 4")
      await eventually("all is told", () => w.tags().includes("Exited"))
      await eventually("it is warned of", () => warnings.length > 0)
      expect(warnings.filter((text) => text.includes("a bad sink"))).toHaveLength(1)
      numbered(w.events)
    } finally {
      process.off("warning", warn)
    }
  })

  it("is not stopped by a pattern that runs away: the next line counts", async () => {
    const w = new Witness()
    w.sh(`echo ${"a".repeat(60)}!; echo aaa; exec sleep 1000`, { ready: { type: "line", pattern: "^(a+)+$" } })
    await w.event("Ready")
    expect(w.texts().at(-1)).toBe("aaa")
  })
})
