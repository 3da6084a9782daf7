/** The frames that a keeper sends. Every field is checked: it is another program, and may be of another version. */
import type { Usage } from "../../core/Event.ts"
import type { ProcessEnd } from "../Spawner.ts"
import { MalformedFrame } from "./frames.ts"
import type { Notice } from "./Notices.ts"
import { Payload } from "./Payload.ts"
import { signalName } from "./signals.ts"

/** Kept by the keeper until it is acknowledged. `n` counts up by one; `at`: milliseconds of CLOCK_MONOTONIC. */
interface Kept {
  readonly n: number
  readonly at: number
  readonly leaf: number
  readonly incarnation: number
}

interface OfLeaf {
  readonly leaf: number
  readonly incarnation: number
}

export type KeptReport =
  /** `isReady`: it is ready as soon as it runs, and no `Ready` follows. */
  | (Kept & { readonly _tag: "Spawned"; readonly pid: number; readonly startTime: number; readonly isReady: boolean })
  /** `errno`: the system's, or one of ours. `blocker`: of BUSY, what has not ended yet. */
  | (Kept & {
      readonly _tag: "NotStarted"
      readonly errno: number
      readonly stage: number
      readonly blocker: { readonly incarnation: number; readonly pid: number }
    })
  | (Kept & { readonly _tag: "Ready" })
  | (Kept & { readonly _tag: "LeaderEnded" | "Exited"; readonly end: ProcessEnd; readonly dumped: boolean } & {
      /** `group`: of its control group; `machine`: probably. */
      readonly outOfMemory: "group" | "machine" | undefined
      readonly usage: Usage
      readonly strays: ReadonlyArray<number>
    })
  | (Kept & { readonly _tag: "Blocked"; readonly pids: ReadonlyArray<number> })

export interface Beat extends OfLeaf {
  /** Milliseconds of CLOCK_MONOTONIC. */
  readonly receivedAt: number
  /** What the process claims; undefined if it claims nothing. */
  readonly sentAt: number | undefined
}

export type Report =
  | KeptReport
  | { readonly _tag: "Welcome"; readonly version: number; readonly pid: number }
  /** What the text ends with is in `bytes`: a newline, or not. `continues`: the last line goes on in the next one. */
  | (OfLeaf & { readonly _tag: "Output"; readonly at: number; readonly stream: "stdout" | "stderr" } & {
      readonly bytes: Buffer
      readonly continues: boolean
    })
  | (OfLeaf & { readonly _tag: "Gap"; readonly lines: number; readonly bytes: number })
  | { readonly _tag: "Beats"; readonly beats: ReadonlyArray<Beat> }
  | (OfLeaf & { readonly _tag: "BeatsEnded" })
  | (OfLeaf & Notice & { readonly _tag: "Notice"; readonly at: number })
  /** `errno` 0: the log of the leaf can be written again. This much is missing in it. */
  | (OfLeaf & { readonly _tag: "Log"; readonly errno: number; readonly lines: number; readonly bytes: number })
  | { readonly _tag: "Signalled"; readonly ticket: number; readonly errno: number }
  | { readonly _tag: "Refused"; readonly sentence: string }
  /** So many; not all of them are listed. */
  | { readonly _tag: "Strays"; readonly count: number; readonly pids: ReadonlyArray<number> }
  /** What we have no use for: a leaf of an earlier brain, the end of a greeting. */
  | { readonly _tag: "Ignored" }

/** Throws `MalformedFrame`, and nothing else. */
export function readReport(type: number, bytes: Buffer): Report {
  const read = readers[type]
  if (read === undefined) throw new MalformedFrame(`a frame of type ${type}, which there is not`)
  return read(new Payload(type, bytes))
}

const readers: { readonly [type: number]: (payload: Payload) => Report } = {
  65: (p) => {
    const isReady = p.size(48).oneOf(28, [0, 1]) === 1
    p.zero(29, 32).u64(40)
    return { _tag: "Spawned", ...kept(p), pid: p.pid(24), startTime: p.u64(32), isReady }
  },
  66: (p) => {
    const stage = p.size(40).u32(28)
    return { _tag: "NotStarted", ...kept(p), errno: p.u32(24), stage, blocker: { incarnation: p.u32(32), pid: p.u32(36) } }
  },
  67: (p) => {
    p.size(32).zero(28, 32).u32(24)
    return { _tag: "Ready", ...kept(p) }
  },
  68: (p) => ({ _tag: "LeaderEnded", ...kept(p.atLeast(112)), ...ended(p) }),
  69: (p) => ({ _tag: "Blocked", ...kept(p.atLeast(32)), pids: p.pids(32, 28, 24) }),
  70: (p) => ({ _tag: "Exited", ...kept(p.atLeast(112)), ...ended(p) }),
  97: (p) => ({ _tag: "Welcome", version: p.size(64).u32(0), pid: p.pid(4) }),
  98: (p) => {
    p.atLeast(49).oneOf(40, [0, 1, 2, 3, 4])
    p.zero(42, 48).string(48)
    return ignored
  },
  99: (p) => {
    p.size(8).u64(0)
    return ignored
  },
  100: (p) => {
    const stream = p.atLeast(24).oneOf(16, [1, 2]) === 1 ? "stdout" : "stderr"
    const continues = p.zero(18, 24).oneOf(17, [0, 1]) === 1
    return { _tag: "Output", at: p.ms(0), leaf: p.u32(8), incarnation: p.u32(12), stream, bytes: p.rest(24), continues }
  },
  101: (p) => {
    p.size(32).zero(9, 16).oneOf(8, [1, 2])
    return { _tag: "Gap", ...leafAt(p, 0), lines: p.u64(16), bytes: p.u64(24) }
  },
  102: (p) => ({ _tag: "Beats", beats: beats(p) }),
  103: (p) => ({ _tag: "BeatsEnded", ...leafAt(p.size(16), 8) }),
  104: (p) => ({ _tag: "Notice", at: p.atLeast(48).ms(0), ...leafAt(p, 8), ...notice(p) }),
  105: (p) => ({ _tag: "Signalled", ticket: p.size(8).u32(0), errno: p.u32(4) }),
  106: (p) => {
    p.size(8)
    return ignored
  },
  107: (p) => {
    p.atLeast(16).zero(5, 8).zero(12, 16).oneOf(0, [1, 2, 3, 4, 5])
    return { _tag: "Refused", sentence: p.text(16) }
  },
  108: (p) => ({ _tag: "Strays", count: p.atLeast(16).u32(8), pids: p.pids(16, 12, 8) }),
  109: (p) => ({ _tag: "Log", ...leafAt(p.size(32).zero(12, 16), 0), errno: p.u32(8), lines: p.u64(16), bytes: p.u64(24) })
}

const ignored: Report = { _tag: "Ignored" }

const leafAt = (p: Payload, at: number): OfLeaf => ({ leaf: p.u32(at), incarnation: p.u32(at + 4) })
const kept = (p: Payload): Kept => ({ n: p.u64(0), at: p.ms(8), ...leafAt(p, 16) })

const MICROS_PER_MS = 1_000
const FLAG = { dumped: 1, groupOutOfMemory: 2, machineOutOfMemory: 16 }
const SAID = { ready: 1, reloading: 2, stopping: 4, status: 8, error: 16, extend: 128, trigger: 256 }

function notice(p: Payload): Notice {
  const what = p.u32(20)
  const [says, text] = [(bit: number): boolean => (what & bit) !== 0, p.text(48)]
  return {
    ...{ isReady: says(SAID.ready), isReloading: says(SAID.reloading), isStopping: says(SAID.stopping), hasFailed: says(SAID.trigger) },
    status: says(SAID.status) ? text : undefined,
    error: says(SAID.error) ? p.u32(44) : undefined,
    extendMs: says(SAID.extend) ? p.micros(32) : undefined
  }
}

const KIB = 1_024

function ended(p: Payload): {
  readonly end: ProcessEnd
  readonly dumped: boolean
  readonly outOfMemory: "group" | "machine" | undefined
  readonly usage: Usage
  readonly strays: ReadonlyArray<number>
} {
  const status = p.zero(26, 28).u32(28)
  const end: ProcessEnd = p.oneOf(24, [1, 2]) === 1 ? { code: status, signal: undefined } : { code: undefined, signal: signalName(status) }
  const hasFlag = (flag: number): boolean => (p.u8(25) & flag) !== 0
  const outOfMemory = hasFlag(FLAG.groupOutOfMemory) ? "group" : hasFlag(FLAG.machineOutOfMemory) ? "machine" : undefined
  const usage = { userMs: p.u64(32) / MICROS_PER_MS, systemMs: p.u64(40) / MICROS_PER_MS, maxRssBytes: p.u64(48) * KIB }
  return { end, dumped: hasFlag(FLAG.dumped), outOfMemory, usage, strays: p.pids(112, 108, 104) }
}

const BEAT_BYTES = 24

function beats(p: Payload): ReadonlyArray<Beat> {
  if (p.length % BEAT_BYTES !== 0) throw p.malformed("is not a whole number of beats")
  return Array.from({ length: p.length / BEAT_BYTES }, (_, i) => {
    const at = i * BEAT_BYTES
    return { ...leafAt(p, at), receivedAt: p.ms(at + 8), sentAt: p.isUnset(at + 16) ? undefined : p.ms(at + 16) }
  })
}
