import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { activityBetween, describeActivity } from "../../../src/leaf/os/activity.ts"
import { pressure } from "../../../src/leaf/os/pressure.ts"
import { type ProcessSample, type SampleOptions, type Seen, sample } from "../../../src/leaf/os/sample.ts"
import { eventually, recorder } from "../LeafRecorder.ts"

const folders: Array<string> = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** A /proc and a cgroup tree made of these files. */
function machine(files: { readonly [path: string]: string }): SampleOptions {
  const folder = mkdtempSync(join(tmpdir(), "supervise-sample-"))
  folders.push(folder)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return { proc: join(folder, "proc"), cgroup: join(folder, "cgroup") }
}

const stat = (pid: number, state: string, cpuTicks: number, startTime: number, threads = 1) =>
  `${pid} (a (b) c) ${state} 1 ${pid} ${pid} 0 -1 0 0 0 0 0 ${cpuTicks - 1} 1 0 0 20 0 ${threads} 0 ${startTime} 0 0\n`

const seen = (at: number, process: Partial<Seen> = {}): ProcessSample => ({
  _tag: "Seen",
  at,
  process: { state: "S", alive: true, threads: 1, cpuMs: 0, waitedMs: 0, waitsIn: undefined, throttledMs: undefined, ...process }
})

/** Samples until it is doing this; returns the sentence. */
async function does(what: string, pid: number, startTime: number): Promise<string> {
  let before = sample(pid, startTime)
  let sentence = ""
  await eventually(`it is ${what}`, () => {
    const after = sample(pid, startTime)
    if (after.at - before.at < 100) return false
    const activity = activityBetween(before, after)
    sentence = describeActivity(before, after)
    before = after
    return activity === what
  })
  return sentence
}

describe("a sample of a process", () => {
  it("that was stopped", async () => {
    const w = recorder()
    w.sh("kill -STOP $$")
    const { pid, startTime } = await w.event("Spawned")
    expect(await does("stopped", pid, startTime)).toBe("is stopped (state T)")
  })

  it("that spins", async () => {
    const w = recorder()
    w.sh("while :; do :; done")
    const { pid, startTime } = await w.event("Spawned")
    const before = sample(pid, startTime)
    // On a busy machine it is starved rather than spinning; its CPU time grows there, too.
    await eventually("it has used more", () => {
      const now = sample(pid, startTime)
      return now._tag === "Seen" && before._tag === "Seen" && now.process.cpuMs > before.process.cpuMs + 200
    })
    expect(["spinning", "starved", "working"]).toContain(activityBetween(before, sample(pid, startTime)))
  })

  it("that waits", async () => {
    const w = recorder()
    w.spawn(["sleep", "1000"])
    const { pid, startTime } = await w.event("Spawned")
    expect(await does("blocked", pid, startTime)).toMatch(/^waits( in \w+)? and uses no CPU$/)
  })

  it("that is a zombie", async () => {
    const w = recorder()
    w.sh("sleep 0 & echo $!; exec sleep 1000")
    const pid = Number((await w.line(/^\d+$/)).text)
    expect(await does("zombie", pid, 0)).toBe("is a zombie: it has ended, and its parent has not waited for it (state Z)")
  })

  it("that is gone", async () => {
    const w = recorder()
    w.spawn(["true"])
    const { pid, startTime } = await w.event("Spawned")
    await w.event("Exited")
    const found = sample(pid, startTime)
    expect(found._tag).toBe("Gone")
    expect(activityBetween(seen(0), found)).toBe("gone")
    expect(describeActivity(seen(0), found)).toBe("is gone")
  })

  it("has everything that the machine offers", () => {
    const options = machine({
      "proc/self/stat": stat(1, "R", 1, 1),
      "proc/42/stat": stat(42, "D", 123, 777, 9),
      "proc/42/schedstat": "5000000 2500000 17\n",
      "proc/42/wchan": "io_schedule",
      "proc/42/cgroup": "4:memory:/x\n0::/shop.slice\n",
      "cgroup/shop.slice/cpu.stat": "usage_usec 5\nnr_throttled 3\nthrottled_usec 1500\n"
    })
    expect(sample(42, 777, options)).toEqual(
      seen(expect.any(Number) as unknown as number, {
        state: "D",
        threads: 9,
        cpuMs: 1_230,
        waitedMs: 2.5,
        waitsIn: "io_schedule",
        throttledMs: 1.5
      })
    )
  })

  it("leaves out what the machine does not offer", () => {
    const options = machine({ "proc/self/stat": "", "proc/42/stat": stat(42, "S", 10, 777), "proc/42/wchan": "0" })
    const found = sample(42, 0, options)
    expect(found).toMatchObject({ process: { cpuMs: 100, waitedMs: undefined, waitsIn: undefined, throttledMs: undefined } })
    expect(describeActivity(found, { ...found, at: found.at + 500 })).toBe("waits and uses no CPU")
  })

  it("is not of another process with the same pid", () => {
    const options = machine({ "proc/self/stat": "", "proc/42/stat": stat(42, "R", 10, 778) })
    expect(sample(42, 777, options)._tag).toBe("Gone")
    expect(sample(42, 778, options)._tag).toBe("Seen")
    expect(sample(43, 0, options)._tag).toBe("Gone")
  })

  it("is unknown without /proc, or with nonsense in it", () => {
    const nowhere = { proc: "/nowhere", cgroup: "/nowhere" }
    expect(sample(42, 777, nowhere)._tag).toBe("Unknown")
    expect(sample(42, 777, machine({ "proc/self/stat": "", "proc/42/stat": "nonsense" }))._tag).toBe("Unknown")
    expect(sample(42, 777, machine({ "proc/self/stat": "", "proc/42/stat/is/a/folder": "" }))._tag).toBe("Unknown")
    expect(describeActivity(seen(0), sample(42, 777, nowhere))).toBe("cannot be inspected on this machine")
  })
})

describe("two samples are one word and one sentence", () => {
  const earlier = seen(1_000, { cpuMs: 5_000, waitedMs: 300, throttledMs: 0 })
  const later = (process: Partial<Seen>) => seen(3_000, { cpuMs: 5_000, waitedMs: 300, throttledMs: 0, ...process })

  for (const [word, sentence, found] of [
    ["stopped", "is stopped (state T)", later({ state: "T" })],
    ["stopped", "is stopped (state t)", later({ state: "t" })],
    ["zombie", "is a zombie: it has ended, and its parent has not waited for it (state Z)", later({ state: "Z", alive: false })],
    ["uninterruptible", "is in uninterruptible sleep in io_schedule (state D)", later({ state: "D", waitsIn: "io_schedule" })],
    ["working", "works: used 500ms of CPU in 2s", later({ state: "D", cpuMs: 5_500 })],
    ["spinning", "spins: used 1.9s of CPU in 2s", later({ state: "R", cpuMs: 6_900 })],
    ["spinning", "spins: used 1.2s of CPU in 2s", later({ state: "R", cpuMs: 6_200, waitedMs: 1_000 })],
    ["spinning", "spins: used 7.6s of CPU in 2s", later({ threads: 4, cpuMs: 12_600 })],
    ["starved", "is starved: it waited for a CPU for 1.5s of 2s", later({ state: "R", cpuMs: 5_500, waitedMs: 1_800 })],
    [
      "starved",
      "is throttled: the CPU quota of its cgroup was used up for 1.8s of 2s",
      later({ state: "R", cpuMs: 5_200, throttledMs: 1_800 })
    ],
    ["blocked", "waits in futex_wait and uses no CPU", later({ waitsIn: "futex_wait" })],
    ["blocked", "waits and uses no CPU", later({ cpuMs: 5_040 })],
    ["working", "works: used 0ms of CPU in 2s", later({ state: "R" })],
    ["working", "works: used 300ms of CPU in 2s", later({ cpuMs: 5_300 })],
    // A process is no zombie while other threads run.
    ["working", "works: used 300ms of CPU in 2s", later({ state: "Z", threads: 3, cpuMs: 5_300 })]
  ] as const) {
    it(`${word}: ${sentence}`, () => {
      expect(activityBetween(earlier, found)).toBe(word)
      expect(describeActivity(earlier, found)).toBe(sentence)
    })
  }

  it("without the first there is nothing to compare, unless the second says it all", () => {
    const first: ProcessSample = { _tag: "Unknown", at: 0 }
    expect(activityBetween(first, later({ state: "T" }))).toBe("stopped")
    expect(activityBetween(first, later({ cpuMs: 9_000 }))).toBe("unknown")
  })

  it("are never negative, in the wrong order or at the same time", () => {
    for (const [a, b] of [
      [later({ cpuMs: 9_000 }), earlier],
      [earlier, earlier]
    ] as const) {
      expect(activityBetween(a, b)).toBe("blocked")
      expect(describeActivity(a, b)).toBe("waits and uses no CPU")
    }
  })
})

describe("pressure", () => {
  const of = (cpu: string, memory: string) => pressure(machine({ "proc/pressure/cpu": cpu, "proc/pressure/memory": memory }).proc)
  const some = (avg10: string) => `some avg10=${avg10} avg60=99.00 avg300=99.00 total=5\n`

  it.each([
    ["of the CPU", some("12.50"), `${some("0.00")}full avg10=99.00 avg60=0.00 avg300=0.00 total=0\n`, 0.125],
    ["of memory", some("0.00"), some("7.00"), 0.07],
    ["the larger one", some("25.00"), some("50.00"), 0.5],
    ["at most all of the time", some("100.21"), some("0.00"), 1],
    ["of what can be read", "nonsense", some("50.00"), 0.5],
    ["of no resource", "nonsense", "", 0]
  ])("%s", (_, cpu, memory, share) => expect(of(cpu, memory)).toBe(share))

  it("is 0 where the kernel does not report it", () => expect(pressure("/nowhere")).toBe(0))

  it("of this machine is a share", () => {
    expect(pressure()).toBeGreaterThanOrEqual(0)
    expect(pressure()).toBeLessThanOrEqual(1)
  })
})
