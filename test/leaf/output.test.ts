import { expect, it } from "vitest"
import { LINE_LIMIT } from "../../src/leaf/Lines.ts"
import { BYTES_IN_ALL, BYTES_PER_LEAF, LINE_OVERHEAD, LINES_PER_LEAF, Outbox, OutputQuota } from "../../src/leaf/Outbox.ts"
import type { LeafEvent } from "../../src/leaf/Spawner.ts"
import { eventually, recorder, SAY_DESCRIPTORS } from "./LeafRecorder.ts"
import { contract } from "./testedSpawners.ts"

/** One line of ten million bytes, without a newline. */
const ten = "head -c 10000000 /dev/zero | tr '\\0' 'x'"

contract("output", () => {
  it("is reported as lines of both streams, before the exit", async () => {
    const w = recorder()
    w.sh("echo one; echo two >&2; printf 'three\\r\\n'; printf last; printf lost >&2")
    await w.event("Exited")
    expect(w.texts()).toEqual(["one", "three", "last"])
    expect(w.texts("stderr")).toEqual(["two", "lost"])
    expect(w.events.at(-1)?._tag).toBe("Exited")
  })

  it("is UTF-8, also if a character comes in two writes", async () => {
    const w = recorder()
    w.sh("printf 'gr\\303'; printf '\\274n \\342\\202'; printf '\\254\\n'")
    expect((await w.event("Line")).text).toBe("grün €")
    await w.event("Exited")
  })

  it("may end before the process", async () => {
    const w = recorder()
    w.sh("trap 'exit 2' TERM; echo up; exec >/dev/null 2>&1; while :; do sleep 0.01; done")
    await w.line("up")
    w.stop()
    expect(await w.event("Exited")).toMatchObject({ code: 2 })
    expect(w.tags()).toEqual(["Spawned", "Ready", "Exited"])
  })

  it("never blocks a process, however much it is", async () => {
    const w = recorder()
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

  it("is read also if nothing wants it, and a line of it can make it ready", async () => {
    const w = recorder()
    w.spawner.wantOutput(false)
    w.sh("head -c 1000000 /dev/zero | tr '\\0' 'x' | fold -w 99; echo; echo up; seq 100000", { ready: { type: "line", pattern: "^up$" } })
    await w.event("Ready")
    await w.event("Exited")
    expect(w.tags().filter((tag) => tag !== "Dropped")).toEqual(["Spawned", "Ready", "Exited"])
  })

  it("is dropped when it is not acknowledged, and the gap is reported", async () => {
    const w = recorder()
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

  it("is also limited in bytes", async () => {
    const w = recorder()
    w.sh("head -c 3000000 /dev/zero | tr '\\0' 'x' | fold -w 1000; echo")
    await w.event("Exited")
    const kept = w.texts().length
    expect(kept).toBe(Math.floor(BYTES_PER_LEAF / (1_000 + LINE_OVERHEAD)))
    expect(await w.event("Dropped")).toMatchObject({ lines: 3_000 - kept, bytes: (3_000 - kept) * 1_000 })
  })

  it("is limited for all leaves together", async () => {
    const w = recorder()
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

  it("continues after a gap, once events are acknowledged", async () => {
    const w = recorder()
    w.sh("trap 'echo after' USR1; yes | head -n 9000; echo full >&2; while :; do sleep 0.01; done")
    const { pid } = await w.event("Spawned")
    expect(pid).toBeGreaterThan(1)
    await eventually("it is full", () => w.texts().length >= LINES_PER_LEAF)
    w.spawner.acknowledge(w.events.at(-1)!.n)
    const dropped = await w.event("Dropped")
    expect(w.events.filter(({ n }) => n < dropped.n && n > 2)).toHaveLength(LINES_PER_LEAF)
    w.spawner.acknowledge(Number.POSITIVE_INFINITY)
    await w.signal("SIGUSR1", "leader")
    await w.line("after")
    w.stop()
    await w.event("Exited")
    const reported = w.events.reduce((sum, event) => sum + (event._tag === "Line" ? 1 : event._tag === "Dropped" ? event.lines : 0), 0)
    expect(reported).toBe(9_000 + 2)
    expectNumbered(w.events)
  })

  it("continues after a gap only when half of the limit for all leaves is free, too", () => {
    const outbox = new Outbox()
    const size = 10_000
    const fill = (quota: OutputQuota): void => {
      while (outbox.hasRoom(quota, size)) outbox.emitLine(quota, "stdout", "", size, false)
    }
    const [first, ...others] = Array.from({ length: 20 }, (_, n) => new OutputQuota({ path: `/${n}`, incarnation: 1 }))
    fill(first!)
    const ofFirst = outbox.size().events
    for (const quota of others) fill(quota)
    outbox.acknowledge(ofFirst)
    expect(first).toMatchObject({ full: true, lines: 0, bytes: 0 })
    expect(outbox.hasRoom(first!, size)).toBe(false)
    outbox.acknowledge(outbox.size().events - Math.floor(BYTES_IN_ALL / 2 / (size + LINE_OVERHEAD)) + ofFirst)
    expect(outbox.size().bytes).toBeLessThanOrEqual(BYTES_IN_ALL / 2)
    expect(outbox.hasRoom(first!, size)).toBe(true)
  })

  it("of one leaf does not starve the others, even when it floods", async () => {
    const w = recorder()
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

  it("comes in pieces if a line is too long, complete, and within the limits of memory", async () => {
    const w = recorder()
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

  it("of a line of 10 MB that is not acknowledged is kept up to the limit, and the rest is counted", async () => {
    const w = recorder()
    w.sh(ten)
    await w.event("Exited")
    expect(w.spawner.kept().bytes).toBeLessThanOrEqual(BYTES_PER_LEAF)
    const kept = w.texts().reduce((sum, text) => sum + text.length, 0)
    expect(kept).toBeGreaterThan(BYTES_PER_LEAF - 2 * LINE_LIMIT)
    expect((await w.event("Dropped")).bytes).toBe(10_000_000 - kept)
  })
})

it("what is acknowledged is acknowledged where it comes from, too", () => {
  const freed: Array<number> = []
  const outbox = new Outbox((source) => freed.push(source))
  const quota = new OutputQuota({ path: "/a", incarnation: 1 })
  outbox.emit(quota, { _tag: "Spawned", pid: 2, startTime: 3 }, { at: 4 })
  outbox.emit(quota, { _tag: "Ready" }, { at: 4, source: 7 })
  outbox.emit(quota, { _tag: "LeaderEnded", code: 0 }, { at: 5, source: 8 })
  const seen: Array<LeafEvent> = []
  outbox.attach((event) => seen.push(event))
  expect(seen.map(({ n, at }) => [n, at])).toEqual([
    [1, 4],
    [2, 4],
    [3, 5]
  ])
  outbox.acknowledge(1)
  expect(freed).toEqual([])
  outbox.acknowledge(2)
  outbox.acknowledge(2)
  expect(freed).toEqual([7])
  outbox.acknowledge(Number.POSITIVE_INFINITY)
  expect(freed).toEqual([7, 8])
})

contract("readiness", () => {
  it("is the start itself", async () => {
    const w = recorder()
    w.spawn(["sleep", "1000"])
    await w.event("Ready")
    expect(w.tags()).toEqual(["Spawned", "Ready"])
  })

  it('is never reported for "none"', async () => {
    const w = recorder()
    w.spawn(["true"], { ready: { type: "none" } })
    await w.event("Exited")
    expect(w.tags()).toEqual(["Spawned", "Exited"])
  })

  it("is a matching line, once, and output continues", async () => {
    const w = recorder()
    w.sh("echo not yet; echo ready on 80; echo ready on 81; echo more", { ready: { type: "line", pattern: "^ready on [0-9]+$" } })
    await w.event("Exited")
    expect(w.tags()).toEqual(["Spawned", "Ready", "Exited"])
    const order = w.events.flatMap((event) =>
      event._tag === "Ready" ? ["Ready"] : "text" in event && event.stream === "stdout" ? [event.text] : []
    )
    expect(order).toEqual(["not yet", "ready on 80", "Ready", "ready on 81", "more"])
  })

  it.for([
    ["on stderr", "echo ready on 80 >&2"],
    ["in colours", "printf '\\033[1mready\\033[0m on \\033[32m80\\033[0m\\n'"],
    ["without its newline", "printf 'ready on 80'"],
    ["in pieces, each unfinished for a while", "printf 'ready '; sleep 0.7; printf 'on 80'"],
    ["after a progress that it has written over", "printf 'at 50%%\\rready on 80\\n'"]
  ] as const)("is a matching line %s", async ([, script]) => {
    const w = recorder()
    w.sh(`${script}; exec sleep 1000`, { ready: { type: "line", pattern: "^ready on [0-9]+$" } })
    await w.event("Ready")
  })

  it("needs a whole line, not the part that came first", async () => {
    const w = recorder()
    w.sh("printf ready; echo ' not'; echo done", { ready: { type: "line", pattern: "^ready$" } })
    await w.event("Exited")
    expect(w.tags()).toEqual(["Spawned", "Exited"])
  })

  it("is looked for only at the beginning of a line", async () => {
    const w = recorder()
    w.sh("head -c 5000 /dev/zero | tr '\\0' 'x'; echo ready; head -c 200000 /dev/zero | tr '\\0' 'x'; echo ready", {
      ready: { type: "line", pattern: "ready" }
    })
    await w.event("Exited")
    expect(w.tags()).toEqual(["Spawned", "Exited"])
  })

  it("is also found in a line that is dropped", async () => {
    const w = recorder()
    w.sh(`yes | head -n ${LINES_PER_LEAF * 2}; echo ready; exec sleep 1000`, { ready: { type: "line", pattern: "^ready$" } })
    await w.event("Ready")
    expect(w.tags()).toEqual(["Spawned", "Dropped", "Ready"])
  })

  it("is a newline on a descriptor, which is then closed", async () => {
    const w = recorder()
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
    const w = recorder()
    w.sh("printf nearly >&3; exec 3>&-; echo on; sleep 0.05", { ready: { type: "fd", fd: 3 } })
    await w.event("Exited")
    expect(w.tags()).toEqual(["Spawned", "Exited"])
  })

  it("may be the last thing a process does", async () => {
    const w = recorder()
    w.sh("echo >&3; exit 1", { ready: { type: "fd", fd: 3 } })
    await w.event("Exited")
    expect(w.tags()).toEqual(["Spawned", "Ready", "Exited"])
  })
})

/** The events are numbered without gaps. */
function expectNumbered(events: ReadonlyArray<LeafEvent>): void {
  expect(events.map(({ n }) => n)).toEqual(events.map((_, i) => i + 1))
}

contract("events", () => {
  it("are delivered again to a later sink, unless they were acknowledged", async () => {
    const w = recorder(false)
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

  it("are delivered in order, also those that the sink causes meanwhile", async () => {
    const w = recorder(false)
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
    await eventually("the second is stopped", () => w.tags().includes("NotStarted"))
    expectNumbered(w.events)
    expect(w.events.at(-1)).toMatchObject({ _tag: "NotStarted", errno: "STOPPED", incarnation: 2, n: 6 })
  })

  it("continue when a sink throws, with one warning", async () => {
    const warnings: Array<string> = []
    const warn = (warning: Error): number => warnings.push(warning.message)
    process.on("warning", warn)
    try {
      const w = recorder()
      w.spawner.attach((event) => {
        w.events.push(event)
        throw new Error("a bad sink")
      })
      w.sh("echo one; exit 4")
      await eventually("all is delivered", () => w.tags().includes("Exited"))
      await eventually("there is a warning", () => warnings.length > 0)
      expect(warnings.filter((text) => text.includes("a bad sink"))).toHaveLength(1)
      expectNumbered(w.events)
    } finally {
      process.off("warning", warn)
    }
  })

  it("are shown when they stay unfinished, and continued later", async () => {
    const w = recorder()
    w.sh("printf 'Password: ä\\303'; read -r line; printf '\\244\\n'; printf 'Building… '", { stdin: "pipe" })
    await w.line("Password: ä")
    expect(w.events.at(-1)).toMatchObject({ _tag: "Line", text: "Password: ä", continues: true })
    w.stop()
    await w.event("Exited")
    expect(w.events.at(-2)).toMatchObject({ _tag: "Line", text: "\ufffd", continues: false })
  })

  it("come through pipes, which can be opened by name", async () => {
    const w = recorder()
    w.sh("echo one > /dev/stdout; echo two > /dev/stderr; echo three | tee /dev/stderr")
    await w.event("Exited")
    expect(w.texts().toSorted()).toEqual(["one", "three"])
    expect(w.texts("stderr").toSorted()).toEqual(["three", "two"])
  })

  it("come to the last word of a program that crashes", async () => {
    const w = recorder()
    const script = "for (let n = 1; n <= 2000; n++) console.log(n); process.abort()"
    w.spawn([process.execPath, "-e", script])
    await w.event("Exited")
    expect(w.texts().at(-1)).toBe("2000")
  })

  it("are not held up by a pattern that backtracks without end", async () => {
    const w = recorder()
    w.sh(`echo ${"a".repeat(60)}!; echo aaa; exec sleep 1000`, { ready: { type: "line", pattern: "^(a+)+$" } })
    await w.event("Ready")
    expect(w.texts().at(-1)).toBe("aaa")
  })
})
