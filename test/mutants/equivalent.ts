/** Random mutants that behave like the original: no test could notice them, so they are not tried. */

export interface Equivalent {
  readonly file: string
  /** The original lines, with single spaces, as `npm run mutants -- --random` prints them. */
  readonly written: string
  readonly changed: string
  readonly why: string
}

export const equivalent: ReadonlyArray<Equivalent> = [
  {
    file: "src/tree/schema/fields.ts",
    written: `return millis !== undefined && millis >= longestDuration ? "a duration shorter than ten years" : 'a duration such as "5 seconds"'`,
    changed: `return millis >= longestDuration ? "a duration shorter than ten years" : 'a duration such as "5 seconds"'`,
    why: "No comparison with undefined is true; it only matters to the type check."
  },
  {
    file: "src/tree/schema/fields.ts",
    written: "decode: SchemaGetter.transform((text: Duration) => parseDuration(text) ?? 0),",
    changed: "decode: SchemaGetter.transform((text: Duration) => parseDuration(text)),",
    why: "A text that has passed the check is a duration; the zero is for the type check."
  },
  {
    file: "src/core/Supervisor.ts",
    written: "nextPosition: 0,",
    changed: "nextPosition: 1,",
    why: "Positions are only compared with each other."
  },
  {
    file: "src/tree/problems/problem.ts",
    written: 'return typeof key === "number" ? key : isRecord(parent) ? Object.keys(parent).indexOf(String(key)) : 0',
    changed: 'return typeof key === "number" ? key : isRecord(parent) ? Object.keys(parent).lastIndexOf(String(key)) : 0',
    why: "No key occurs twice."
  },
  {
    file: "src/tree/problems/probeRules.ts",
    written: "problems.push({",
    changed: "problems.unshift({",
    why: "It is the first one in the list, and problems are sorted into the order of the file in any case."
  },
  {
    file: "src/core/detection/NormalTail.ts",
    written: "const STEPS_MOST = 30",
    changed: "const STEPS_MOST = 15",
    why: "No threshold takes more than six steps; the bound only keeps a mistake from looping."
  },
  {
    file: "src/core/detection/Detector.ts",
    written:
      'else if (this.#level === "well" && at >= (this.dueAt("suspect", allowance) ?? Number.POSITIVE_INFINITY)) this.#level = "suspect"',
    changed: 'else if (this.#level === "well" && at >= (this.dueAt("suspect", allowance))) this.#level = "suspect"',
    why: "No time is after undefined, nor after infinity; it only matters to the type check."
  },
  {
    file: "src/core/detection/NormalTail.ts",
    written: "const twice = 2 * tail * Math.LN10",
    changed: "const twice = 1 * tail * Math.LN10",
    why: "Newton starts elsewhere, and finds the same root."
  },
  {
    file: "src/core/detection/NormalTail.ts",
    written: "let y = Math.sqrt(Math.max(0, twice - Math.log(2 * Math.PI * Math.max(1, twice))))",
    changed: "let y = Math.sqrt(Math.max(0, twice - Math.log(2 * Math.PI / Math.max(1, twice))))",
    why: "Newton starts elsewhere, and finds the same root."
  },
  {
    file: "src/core/Suspicion.ts",
    written: "if (other.deferredConviction !== undefined) lookAgain(tree, other, tree.now + (heartbeatOf(other.spec)?.every ?? 0))",
    changed: "if (other.deferredConviction !== undefined) lookAgain(tree, other, tree.now + (heartbeatOf(other.spec)?.every))",
    why: "Only a child with a heartbeat is ever convicted of silence; the zero is for the type check."
  },
  {
    file: "src/runtime/assemble.ts",
    written: 'Effect.addFinalizer(() => control.shutdown), Effect.sync(() => kernel.send({ _tag: "Boot" }))',
    changed: 'Effect.sync(() => kernel.send({ _tag: "Boot" })), Effect.addFinalizer(() => control.shutdown)',
    why: "Both happen in one turn of the event loop, and what was sent is folded in the next."
  },
  {
    file: "src/runtime/kernel/Kernel.ts",
    written: "const ticket = ++tickets",
    changed: "const ticket = --tickets",
    why: "Tickets only tell calls apart."
  },
  {
    file: "src/runtime/kernel/Kernel.ts",
    written: "let tickets = 0",
    changed: "let tickets = 1",
    why: "Tickets only tell calls apart."
  },
  {
    file: "src/runtime/state/orphans.ts",
    written: "const supervisor = `${process.pid} ${startTime} ${linkOf(PID_NAMESPACE)} ${++trees}`",
    changed: "const supervisor = `${process.pid} ${startTime} ${linkOf(PID_NAMESPACE)} ${--trees}`",
    why: "The number only tells the trees of one program apart."
  },
  {
    file: "src/runtime/state/orphans.ts",
    written: "let trees = 0",
    changed: "let trees = 1",
    why: "The number only tells the trees of one program apart."
  },
  {
    file: "src/runtime/kernel/Timers.ts",
    written: "const heap = new Heap<Wait<A>>((one, other) => one.at < other.at)",
    changed: "const heap = new Heap<Wait<A>>((one, other) => one.at <= other.at)",
    why: "Which of two waits for the same millisecond ends first is open: a heap keeps no order of equals."
  },
  {
    file: "src/runtime/state/ownership.ts",
    written: "const otherOwner = ({ uid }: Stats): number | undefined => (us() === undefined || uid === us() ? undefined : uid)",
    changed: "const otherOwner = ({ uid }: Stats): number | undefined => (uid === us() ? undefined : uid)",
    why: "Only Windows has no user ids."
  },
  {
    file: "src/runtime/state/StateDirectory.ts",
    written: "yield* Effect.andThen(held.giveBack, held.close)",
    changed: "yield* Effect.andThen(held.close, held.giveBack)",
    why: "It matters only to a third supervisor that takes the lock between the two, which no test can arrange."
  },
  {
    file: "src/runtime/state/orphans.ts",
    written: "if (!isStill(orphan)) continue",
    changed: "if (!isStill(orphan)) ;",
    why: "All of them were looked at right before; that a pid was given to another since then cannot be arranged."
  },
  {
    file: "src/runtime/state/orphans.ts",
    written: 'return typeof stat !== "string" && stat.startTime === startTime',
    changed: 'return typeof stat !== "string" || stat.startTime === startTime',
    why: "As above: what is not still there has ended between two looks."
  },
  {
    file: "src/runtime/state/orphans.ts",
    written: "const ours = lineage(process.pid, pidIn(state) ?? process.pid)",
    changed: "const ours = lineage(process.pid, pidIn(state))",
    why: "There is no process with the pid undefined; it only matters to the type check."
  },
  {
    file: "src/runtime/state/orphans.ts",
    written: "const KILL_ROUNDS = 20",
    changed: "const KILL_ROUNDS = 10",
    why: "Nothing that a test can start survives SIGKILL for a second."
  },
  {
    file: "src/runtime/state/name.ts",
    written: 'server.on("error", settle(true)).listen({ path: `\\0${name}`, exclusive: true }, settle(false))',
    changed: 'server.on("error", settle(true)).listen({ path: `\\0${name}`, exclusive: false }, settle(false))',
    why: "It makes a difference only in the workers of Node's module cluster."
  },
  {
    file: "src/runtime/state/name.ts",
    written: 'if (process.platform !== "linux") return undefined',
    changed: ";",
    why: "Tests run on Linux."
  },
  {
    file: "src/runtime/state/files.ts",
    written: "mkdirSync(folder, { mode: folder === path ? 0o700 : 0o777 })",
    changed: "mkdirSync(folder, { mode: folder === path ? 224 : 0o777 })",
    why: "The mode is set again right after it, as the umask may have taken from it."
  },
  {
    file: "src/runtime/state/StateDirectory.ts",
    written: "error instanceof Locked ? new AlreadyRunning({ directory: path, pid: pidIn(path) }) : unusable(`its lock: ${reason(error)}`)",
    changed: "(new AlreadyRunning({ directory: path, pid: pidIn(path) }))",
    why: "An error of the system at a lock that is ours cannot be arranged."
  },
  {
    file: "src/runtime/kernel/Timers.ts",
    written: "armedFor = next",
    changed: ";",
    why: "The clock is armed again where that was not necessary."
  },
  {
    file: "src/runtime/state/LogMaintenance.ts",
    written: "if (now !== undefined || this.isThere(path)) this.logs.set(path, now ?? 0)",
    changed: "if (now !== undefined || this.isThere(path)) this.logs.set(path, now)",
    why: "No folder has changed at either of these times; it only matters to the type check."
  },
  {
    file: "src/runtime/state/files.ts",
    written: "rmSync(path, { force: true })",
    changed: "rmSync(path, { force: false })",
    why: "The file was made right before; that something else removes it meanwhile cannot be arranged."
  }
]
