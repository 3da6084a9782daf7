/** The protocol of keeper/PROTOCOL.md, byte by byte. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as commands from "../../../src/leaf/keeper/commands.ts"
import { FrameReader, HEADER_BYTES, MalformedFrame, PAYLOAD_LIMIT } from "../../../src/leaf/keeper/frames.ts"
import { readReport } from "../../../src/leaf/keeper/readReport.ts"

/** Hexadecimal, with spaces for the eye. */
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ""), "hex")
const u16 = (value: number): string => hexOf(2, (b) => b.writeUInt16LE(value))
const u32 = (value: number): string => hexOf(4, (b) => b.writeUInt32LE(value))
const u64 = (value: number | bigint): string => hexOf(8, (b) => b.writeBigUInt64LE(BigInt(value)))
const text = (value: string): string => Buffer.from(value).toString("hex")
function hexOf(size: number, write: (bytes: Buffer) => void): string {
  const bytes = Buffer.alloc(size)
  write(bytes)
  return bytes.toString("hex")
}

const NUL = "00"
const NOTHING = u32(0xffff_ffff)

describe("a command", () => {
  const spec = {
    ...{ leaf: 7, path: "/r/a", cwd: "/x", argv: ["sh", "-c", "é"], env: ["A=b", "C"], shutdown: 5_000, beatMs: 250, stopSignal: 15 },
    ...({ stopTo: "leader", stdin: "pipe", beatFrom: "fd", ready: "fd", descriptor: 5, log: undefined } as const)
  }
  const log = { folder: "/l", fileBytes: 2 ** 40, files: 4, totalBytes: 5, ageSeconds: 6, whenFull: "drop" } as const
  const logBytes = [
    ...[u32(7), u32(5_000), u32(250), u32(2), u64(2 ** 40), u64(5), u32(6), u32(4), u16(3), u16(2)],
    ...["0f", "01", "01", "02", "01", "01", u16(5), u32(0)],
    ["/r/a", "/x", "/l", "", "sh", "-c", "é", "A=b", "C"].map((string) => text(string) + NUL).join("")
  ]
  const strings = ["/r/a", "/x", "", "", "sh", "-c", "é", "A=b", "C"].map((string) => text(string) + NUL).join("")
  const specBytes = [
    ...[u32(7), u32(5_000), u32(250), u32(2), u64(0), u64(0), u32(0), u32(0), u16(3), u16(2)],
    ...["0f", "01", "01", "02", "01", "00", u16(5), u32(0), strings]
  ]
  it.each([
    ["hello", commands.hello(9), 1, `${text("KEEP")} ${u16(1)} ${u16(1)} ${u64(9)} ${u64(0)}`],
    ["env", commands.env(["A=1", "B="]), 2, `${text("A=1")} 00 ${text("B=")} 00`],
    ["an empty env", commands.env([]), 2, ""],
    ["spec", commands.spec(spec), 3, specBytes.join("")],
    [
      "spec by sd_notify",
      commands.spec({ ...spec, ready: "notify", beatFrom: "notify", descriptor: 0 }),
      3,
      [
        ...[u32(7), u32(5_000), u32(250), u32(2), u64(0), u64(0), u32(0), u32(0), u16(3), u16(2)],
        ...["0f", "01", "01", "03", "02", "00", u16(0), u32(0), strings]
      ].join("")
    ],
    ["spec with a log", commands.spec({ ...spec, log }), 3, logBytes.join("")],
    ["spawn", commands.spawn(7, 2), 4, `${u32(7)} ${u32(2)} ${NOTHING} ${u32(0)}`],
    ["stop", commands.stop(7, 2, commands.SHUTDOWN_KILL), 5, `${u32(7)} ${u32(2)} ${u32(0xffff_fffe)} ${u32(0)}`],
    ["a signal to the leader", commands.signal(7, 2, 64, "leader", 5), 6, `${u32(7)} ${u32(2)} ${u16(64)} ${u16(0)} ${u32(5)}`],
    ["a signal to the group", commands.signal(7, 2, 10, "group", 5), 6, `${u32(7)} ${u32(2)} ${u16(10)} ${u16(1)} ${u32(5)}`],
    ["acknowledge", commands.acknowledge(2 ** 40 + 1), 7, u64(2 ** 40 + 1)],
    ["output that is wanted", commands.setOutput(7, true), 8, `${u32(7)} ${u32(1)}`],
    ["output that is not wanted", commands.setOutput(7, false), 8, `${u32(7)} ${u32(0)}`],
    ["kill all", commands.killAll(), 10, ""],
    ["quit", commands.quit(), 11, ""],
    ["gone", commands.gone(7), 13, u32(7)]
  ])("%s", (_, frame, type, payload) => {
    const body = hex(payload)
    expect(frame.toString("hex")).toBe(`${u32(body.length)}${type.toString(16).padStart(2, "0")}000000${body.toString("hex")}`)
  })
})

/** Event 3, seen after 1,500 ms, of incarnation 2 of leaf 7. */
const kept = `${u64(3)} ${u64(1_500_000_000)} ${u32(7)} ${u32(2)}`
const of = { n: 3, at: 1_500, leaf: 7, incarnation: 2 }
const usage = [2_500, 1_000, 3, 0, 0, 0, 0, 0, 0].map(u64).join("")
const used = { usage: { userMs: 2.5, systemMs: 1, maxRssBytes: 3_072 } }
const ended = (how: string, flags: string, status: number, strays: ReadonlyArray<number> = [], count = strays.length): string =>
  `${kept} ${how} ${flags} 0000 ${u32(status)} ${usage} ${u32(count)} ${u32(strays.length)} ${strays.map(u32).join("")}`
const whole = { dumped: false, outOfMemory: undefined }
const KILLED = { code: undefined, signal: "SIGKILL" }
const leaf = `${u32(7)} ${u32(2)}`

const notice = {
  ...{ _tag: "Notice", at: 1_500, leaf: 7, incarnation: 2, isReady: false, isReloading: false, isStopping: false, hasFailed: false },
  ...{ status: undefined, error: undefined, extendMs: undefined }
}

/** What each frame of a keeper says. */
const REPORTS = [
  [
    "spawned",
    65,
    `${kept} ${u32(99)} 01000000 ${u64(1234)} ${u64(0)}`,
    { _tag: "Spawned", ...of, pid: 99, startTime: 1234, isReady: true }
  ],
  [
    "not started",
    66,
    `${kept} ${u32(10_001)} ${u32(0)} ${u32(1)} ${u32(98)}`,
    { _tag: "NotStarted", ...of, errno: 10_001, stage: 0, blocker: { incarnation: 1, pid: 98 } }
  ],
  ["ready", 67, `${kept} ${u32(2)} ${u32(0)}`, { _tag: "Ready", ...of }],
  [
    "the leader has ended",
    68,
    ended("01", "00", 3),
    { _tag: "LeaderEnded", ...of, end: { code: 3, signal: undefined }, ...whole, ...used, strays: [] }
  ],
  ["blocked", 69, `${kept} ${u32(9)} ${u32(2)} ${u32(98)} ${u32(99)}`, { _tag: "Blocked", ...of, pids: [98, 99] }],
  [
    "exited by a real-time signal, with a core and strays",
    70,
    ended("02", "01", 40, [98], 5),
    { _tag: "Exited", ...of, end: { code: undefined, signal: "SIGRTMIN+6" }, ...whole, dumped: true, ...used, strays: [98] }
  ],
  [
    "exited, as the memory of its control group was used up",
    70,
    ended("02", "02", 9),
    { _tag: "Exited", ...of, end: KILLED, ...whole, outOfMemory: "group", ...used, strays: [] }
  ],
  [
    "exited, as the memory of the machine was used up",
    70,
    ended("02", "10", 9),
    { _tag: "Exited", ...of, end: KILLED, ...whole, outOfMemory: "machine", ...used, strays: [] }
  ],
  ["welcome", 97, `${u32(1)} ${u32(98)} ${NUL.repeat(56)}`, { _tag: "Welcome", version: 1, pid: 98 }],
  ["a leaf", 98, `${NUL.repeat(48)} ${text("/r/a")} 00`, { _tag: "Ignored" }],
  ["synced", 99, u64(3), { _tag: "Ignored" }],
  [
    "output",
    100,
    `${u64(1_500_000_000)} ${leaf} 02 01 ${NUL.repeat(6)} ${text("a\nb")}`,
    { _tag: "Output", at: 1_500, leaf: 7, incarnation: 2, stream: "stderr", bytes: Buffer.from("a\nb"), continues: true }
  ],
  ["a gap", 101, `${leaf} 01 ${NUL.repeat(7)} ${u64(3)} ${u64(400)}`, { _tag: "Gap", leaf: 7, incarnation: 2, lines: 3, bytes: 400 }],
  [
    "beats",
    102,
    `${leaf} ${u64(1_500_000_000)} ${u64(1_400_500_000)} ${leaf} ${u64(0)} ${u64(2n ** 64n - 1n)}`,
    {
      _tag: "Beats",
      beats: [
        { leaf: 7, incarnation: 2, receivedAt: 1_500, sentAt: 1_400.5 },
        { leaf: 7, incarnation: 2, receivedAt: 0, sentAt: undefined }
      ]
    }
  ],
  ["no beats", 102, "", { _tag: "Beats", beats: [] }],
  ["the end of beats", 103, `${u64(0)} ${leaf}`, { _tag: "BeatsEnded", leaf: 7, incarnation: 2 }],
  [
    "a datagram with all that there is",
    104,
    `${u64(1_500_000_000)} ${leaf} ${u32(99)} ${u32(511)} ${u64(7)} ${u64(2_500)} ${u32(98)} ${u32(13)} ${text("fine")}`,
    { ...notice, isReady: true, isReloading: true, isStopping: true, hasFailed: true, status: "fine", error: 13, extendMs: 2.5 }
  ],
  ["a datagram with nothing", 104, `${u64(1_500_000_000)} ${leaf} ${u32(99)} ${u32(0)} ${NUL.repeat(24)}`, notice],
  ["signalled", 105, `${u32(5)} ${u32(3)}`, { _tag: "Signalled", ticket: 5, errno: 3 }],
  ["pong", 106, u64(7), { _tag: "Ignored" }],
  ["refused", 107, `${u32(2)} 04 000000 ${u16(1)} ${u16(1)} ${u32(0)} ${text("no")}`, { _tag: "Refused", sentence: "no" }],
  ["strays", 108, `${u64(0)} ${u32(2)} ${u32(1)} ${u32(98)}`, { _tag: "Strays", count: 2, pids: [98] }],
  [
    "a log",
    109,
    `${leaf} ${u32(28)} ${u32(0)} ${u64(1)} ${u64(2)}`,
    { _tag: "Log", leaf: 7, incarnation: 2, errno: 28, lines: 1, bytes: 2 }
  ]
] as const

describe("a report", () => {
  it.each(REPORTS)("%s", (_, type, payload, meaning) => {
    expect(readReport(type, hex(payload))).toEqual(meaning)
  })

  it.each([
    ["of a type that there is not", 64, "", "a frame of type 64, which there is not"],
    ["that is too short", 67, kept, "a frame of type 67 that has 24 bytes, not 32"],
    ["that is too long", 99, `${u64(3)} 00`, "a frame of type 99 that has 9 bytes, not 8"],
    ["without its fixed part", 70, kept, "a frame of type 70 that has 24 bytes, not 112 or more"],
    [
      "with a pid that is none",
      65,
      `${kept} ${u32(1)} 01000000 ${u64(0)} ${u64(0)}`,
      "a frame of type 65 that has 1 at byte 24, which is no pid"
    ],
    ["with a reserved field", 67, `${kept} ${u32(2)} ${u32(1)}`, "a frame of type 67 that is not zero from byte 28 to 32"],
    [
      "with a number that is too large",
      99,
      u64(2n ** 60n),
      "a frame of type 99 that has 1152921504606847000 at byte 0, which is too large"
    ],
    [
      "with a way to end that there is not",
      70,
      ended("03", "00", 0),
      "a frame of type 70 that has 3 at byte 24, which means nothing there"
    ],
    [
      "with fewer pids than it lists",
      69,
      `${kept} ${u32(2)} ${u32(2)} ${u32(98)}`,
      "a frame of type 69 that does not have the 2 pids it lists"
    ],
    [
      "that lists more than it counts",
      69,
      `${kept} ${u32(0)} ${u32(1)} ${u32(98)}`,
      "a frame of type 69 that does not have the 1 pids it lists"
    ],
    ["of half a beat", 102, leaf, "a frame of type 102 that is not a whole number of beats"],
    ["with a NUL in its text", 107, `${u32(2)} ${NUL.repeat(12)} 6100`, "a frame of type 107 that has a NUL in its text"],
    ["with no end of its string", 98, `${NUL.repeat(48)} 61`, "a frame of type 98 that has no string at its end"]
  ] as const)("%s is refused", (_, type, payload, sentence) => {
    expect(() => readReport(type, hex(payload))).toThrow(new MalformedFrame(sentence))
  })

  it("of any bytes is read or refused, and nothing else", () => {
    const any = fc.uint8Array({ maxLength: 200 })
    /** A right frame of which a few bytes are other ones. */
    const nearly = fc
      .tuple(fc.constantFrom(...REPORTS), fc.array(fc.tuple(fc.nat(199), fc.nat(255)), { maxLength: 3 }))
      .map(([report, changes]) => {
        const bytes = hex(report[2])
        for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte
        return [report[1], bytes] as const
      })
    const frame = fc.oneof(
      fc.tuple(fc.nat(255), any.map(Buffer.from)),
      fc.tuple(fc.integer({ min: 64, max: 110 }), any.map(Buffer.from)),
      nearly
    )
    fc.assert(
      fc.property(frame, ([type, payload]) => {
        try {
          expect(readReport(type, payload)).toHaveProperty("_tag")
        } catch (error) {
          if (!(error instanceof MalformedFrame)) throw error
        }
      }),
      { numRuns: 2_000 }
    )
  })
})

describe("a stream of frames", () => {
  const read = (...chunks: ReadonlyArray<Buffer>): ReadonlyArray<readonly [number, string]> => {
    const seen: Array<readonly [number, string]> = []
    const reader = new FrameReader()
    for (const chunk of chunks) reader.push(chunk, (type, payload) => seen.push([type, payload.toString("hex")]))
    return seen
  }

  it("is read however it is cut", () => {
    const frames = [commands.killAll(), commands.gone(7), commands.env(["A=1", "B=2"]), commands.quit(), commands.gone(8)]
    const bytes = Buffer.concat(frames)
    const whole = frames.map((frame) => [frame[4]!, frame.subarray(HEADER_BYTES).toString("hex")])
    expect(read(bytes)).toEqual(whole)
    for (let size = 1; size <= bytes.length; size++) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
      expect(read(...chunks), `in chunks of ${size}`).toEqual(whole)
    }
  })

  it("may have a frame of the highest length, and none beyond", () => {
    const header = (length: number): Buffer => hex(`${u32(length)} 6a 000000`)
    expect(read(header(PAYLOAD_LIMIT), Buffer.alloc(PAYLOAD_LIMIT - 1))).toEqual([])
    expect(read(header(PAYLOAD_LIMIT), Buffer.alloc(PAYLOAD_LIMIT))).toHaveLength(1)
    expect(() => read(header(PAYLOAD_LIMIT + 1))).toThrow(new MalformedFrame("a frame of 1048577 bytes, where 1048576 are allowed"))
  })

  it("has nothing in the last bytes of a header", () => {
    for (const tail of ["01 0000", "00 0100", "00 0001"]) {
      expect(() => read(hex(`${u32(0)} 6a ${tail}`))).toThrow(new MalformedFrame("a header whose last three bytes are not zero"))
    }
  })
})
