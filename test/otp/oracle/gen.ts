/**
 * npx node test/otp/oracle/gen.ts [count, 500] [seed, 1] [all | plain | retry] > scenarios.jsonl
 *
 * Random scenarios. `retry`: every retry is held back and many starts fail, for what happens in between. `plain`:
 * nothing that needs virtual time or held-back retries, so that the oracle can also be run with OTP's unmodified module
 * (ORACLE_PLAIN=1).
 *
 * Never generated: upgrades, invalid specs and killed supervisors, which cannot be compared; auto_shutdown on
 * simple_one_for_one and a restart of its instances that returns `ignore`, where OTP 25 and current OTP differ; and
 * what OTP does not determine either: a child that dies right after its start, below the root's children (its
 * supervisor and that one's parent act at the same time), and a child that takes its time to stop below a supervisor in
 * a pool (they stop at the same time, and which one the clock follows is chance).
 */
import type { Behaviour, ChildScript, Scenario, StartScript, Step, SupervisorScript, Term } from "../scenario.ts"

type Mode = "all" | "plain" | "retry"

const whys: ReadonlyArray<Term> = ["normal", "shutdown", ["shutdown", "x"], "crash", "crash", "kill"]
const orderly = whys.filter((why) => why !== "kill")

/** What a scenario can point at: supervisors, and children with the supervisor they belong to. */
interface Places {
  readonly supervisors: Array<{ readonly path: string; readonly sup: SupervisorScript }>
  readonly workers: Array<Place>
  readonly inner: Array<Place>
}
interface Place {
  readonly sup: string
  readonly id: string
  readonly c: string
}

type Stop = NonNullable<Behaviour["stop"]>

/** Where a child is: one of the root's own, an instance of a pool, somewhere below one. */
interface Where {
  readonly ofRoot: boolean
  readonly inPool: boolean
  readonly belowPool: boolean
}
/** Where a child is that a call adds to the supervisor at this path. */
const addedTo = (path: string, inPool = false): Where => ({ ofRoot: false, inPool, belowPool: path.includes("#") })

const isPool = ({ strategy }: SupervisorScript): boolean => strategy === "simple_one_for_one"
const below = (path: string, id: string): string => (path === "/" ? `/${id}` : `${path}/${id}`)

export function generate(count: number, seed: number, mode: Mode): ReadonlyArray<Scenario> {
  const dice = new Dice(seed)
  return Array.from({ length: count }, (_, n) => new Generator(dice, mode).scenario(`${mode}-${seed}-${n}`))
}

class Generator {
  private readonly dice: Dice
  private readonly mode: Mode
  private readonly places: Places = { supervisors: [], workers: [], inner: [] }

  constructor(dice: Dice, mode: Mode) {
    this.dice = dice
    this.mode = mode
  }

  scenario(id: string): Scenario {
    const { dice, mode } = this
    const root = this.supervisor(3, { ofRoot: true, inPool: false, belowPool: false })
    this.visit(root, "/")
    const manual = mode === "retry" || (mode === "all" && dice.chance(0.25))
    const steps: Array<Step> = []
    for (const { path, sup } of this.places.supervisors) {
      if (isPool(sup)) for (let n = dice.below(4); n > 0; n--) steps.push(this.startDynamic(path))
    }
    for (let n = 0, last = 3 + dice.below(10); n < last; n++) {
      steps.push(this.step(n))
      if (manual && dice.chance(0.5)) steps.push({ op: "retry", ...(dice.chance(0.2) ? { all: true } : {}) })
    }
    return { id, ...(manual ? { retry: "manual" } : {}), root, steps }
  }

  // ---------------------------------------------------------------- the tree

  private supervisor(depth: number, where: Where): SupervisorScript {
    const { dice, mode } = this
    const strategy = dice.pick(["one_for_one", "one_for_all", "rest_for_one", "rest_for_one", "one_for_all", "simple_one_for_one"])
    const inPool = strategy === "simple_one_for_one"
    // While a retry is held back, a significant child that is about to be restarted is not yet gone.
    const often = mode === "retry" ? "all_significant" : "never"
    const auto_shutdown = inPool ? "never" : dice.pick(["never", often, "any_significant", "all_significant"])
    const intensity = dice.pick(mode === "retry" ? [2, 3, 5, 9] : [0, 1, 1, 2, 3])
    const period = mode === "plain" ? 3600 : dice.pick([1, 5, 5, 10])
    const ids = inPool ? ["t"] : ["a", "b", "c", "d"].slice(0, 1 + dice.below(4))
    return {
      strategy,
      intensity,
      period,
      auto_shutdown,
      children: ids.map((id) => this.child(id, depth, auto_shutdown, { ...where, inPool }))
    }
  }

  private child(id: string, depth: number, autoShutdown: string, where: Where): ChildScript {
    const { dice } = this
    const restart = dice.pick(["permanent", "permanent", "transient", "temporary"])
    const significant = autoShutdown !== "never" && restart !== "permanent" && dice.chance(0.6)
    const common = { id, restart, ...(significant ? { significant } : {}) }
    if (depth > 0 && dice.chance(where.inPool ? 0.25 : 0.35)) {
      const starts = dice.chance(0.1) ? { starts: ["ok", dice.pick(["error", where.inPool ? "error" : "ignore", "ok"])] } : {}
      const within = { ofRoot: false, inPool: false, belowPool: where.belowPool || where.inPool }
      return { ...common, sup: this.supervisor(depth - 1, within), ...starts }
    }
    const behaviour = { ...this.starts(where), ...this.stop(where) }
    // Who ignores its stop must have a limit, or OTP hangs.
    if (behaviour.stop === "ignore") return { ...common, ...behaviour, shutdown: dice.pick([100, 100, "brutal_kill"]) }
    return { ...common, ...behaviour, ...(dice.chance(0.3) ? { shutdown: dice.pick([100, 2000, "infinity", "brutal_kill"]) } : {}) }
  }

  private starts({ ofRoot, inPool }: Where): Behaviour {
    const { dice } = this
    if (!dice.chance(this.mode === "retry" ? 0.8 : 0.35)) return {}
    const one = (n: number): StartScript => {
      if (n === 0 && dice.chance(0.85)) return "ok"
      const dies = ofRoot ? (["ok_then_exit", dice.pick(["normal", "crash", "shutdown"])] as const) : "error"
      return dice.pick<StartScript>(["ok", "ok", "error", "error", "raise", "bad", inPool && n > 0 ? "error" : "ignore", "ok_info", dies])
    }
    return { starts: Array.from({ length: 1 + dice.below(4) }, (_, n) => one(n)) }
  }

  private stop({ belowPool }: Where): Behaviour {
    const { dice } = this
    if (!dice.chance(0.25)) return {}
    const prompt: ReadonlyArray<Stop> = [
      ["exit", "normal"],
      ["exit", "crash"],
      ["exit", ["shutdown", "y"]]
    ]
    const slow: ReadonlyArray<Stop> = this.mode === "plain" ? ["ignore"] : ["ignore", ["delay", dice.pick([10, 500, 3000])]]
    return { stop: dice.pick(belowPool ? prompt : [...prompt, ...slow]) }
  }

  /** Of a pool, as if three instances had been started. */
  private visit(sup: SupervisorScript, path: string): void {
    const { supervisors, workers, inner } = this.places
    supervisors.push({ path, sup })
    const named = (child: ChildScript) => (isPool(sup) ? ["#1", "#2", "#3"] : [child.id!]).map((id) => ({ id, child }))
    for (const { id, child } of sup.children!.flatMap(named)) {
      ;(child.sup === undefined ? workers : inner).push(place(path, id))
      if (child.sup !== undefined) this.visit(child.sup, below(path, id))
    }
  }

  // ---------------------------------------------------------------- what happens to it

  private step(n: number): Step {
    const { dice, mode } = this
    const { supervisors, workers, inner } = this.places
    if (inner.length > 0 && dice.chance(0.08))
      return { op: dice.pick(["exit", "stop_sup"]), c: dice.pick(inner).c, why: dice.pick(orderly) }
    const { path, sup } = dice.pick(supervisors)
    const one = dice.pick([...workers, ...inner, ...(dice.chance(0.1) ? [place(path, "nope")] : [])])
    const what = dice.next()
    if (what < 0.36 && workers.length > 0) return { op: "exit", c: dice.pick(workers).c, why: dice.pick(whys) }
    if (what < 0.46 && mode !== "plain") return { op: "advance", ms: dice.pick([400, 1000, 2000, 5000, 6000]) }
    if (what < 0.53) return { op: "which_children", sup: path }
    if (what < 0.57) return { op: "count_children", sup: path }
    if (what < 0.63) return { op: "terminate_child", sup: one.sup, id: one.id }
    if (what < 0.69) return { op: "restart_child", sup: one.sup, id: one.id }
    if (what < 0.73) return { op: "delete_child", sup: one.sup, id: one.id }
    if (what < 0.76) return { op: "get_childspec", sup: one.sup, id: one.id }
    if (what < 0.92) return this.addition(n)
    return this.batch(path, sup)
  }

  private addition(n: number): Step {
    const { dice } = this
    const pools = this.places.supervisors.filter(({ sup }) => isPool(sup))
    const lists = this.places.supervisors.filter(({ sup }) => !isPool(sup))
    if (lists.length === 0 || (pools.length > 0 && dice.chance(0.7))) return this.startDynamic(dice.pick(pools).path)
    const { path, sup } = dice.pick(lists)
    const spec = this.child(dice.pick(["a", `z${n}`, "y"]), 0, sup.auto_shutdown!, addedTo(path))
    this.places.workers.push(place(path, spec.id!))
    return { op: "start_child", sup: path, spec }
  }

  private startDynamic = (sup: string): Step => ({ op: "start_dynamic", sup, ...this.starts(addedTo(sup, true)) })

  /** All at once, in this order. */
  private batch(path: string, sup: SupervisorScript): Step {
    const { dice, mode } = this
    const inner = this.places.inner.filter((one) => one.sup === path)
    const here = [...this.places.workers.filter((one) => one.sup === path), ...inner]
    if (here.length === 0) return { op: "count_children", sup: path }
    const act = (): Step => {
      const { id, c } = dice.pick(here)
      if (mode !== "plain" && dice.chance(0.08)) return { op: "advance", ms: dice.pick([400, 1000, 5000]) }
      if (dice.chance(0.1)) {
        if (isPool(sup)) return this.startDynamic(path)
        return { op: "start_child", sup: path, spec: this.child(dice.pick(["a", "y", "w"]), 0, sup.auto_shutdown!, addedTo(path)) }
      }
      if (dice.chance(0.7)) return { op: "exit", c, why: dice.pick(inner.some((one) => one.c === c) ? orderly : whys) }
      if (dice.chance(0.3)) return { op: dice.pick(["count_children", "which_children"]), sup: path }
      return { op: dice.pick(["terminate_child", "restart_child", "delete_child", "get_childspec"]), sup: path, id }
    }
    return { op: "batch", sup: path, acts: Array.from({ length: 2 + dice.below(2) }, act) }
  }
}

const place = (sup: string, id: string): Place => ({ sup, id, c: below(sup, id) })

/** Mulberry32: the same numbers from the same seed. */
class Dice {
  private state: number

  constructor(seed: number) {
    this.state = seed
  }

  /** In [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }

  below = (n: number): number => Math.floor(this.next() * n)
  chance = (p: number): boolean => this.next() < p
  pick = <A>(all: ReadonlyArray<A>): A => all[this.below(all.length)]!
}

if (import.meta.main) {
  const [count = "500", seed = "1", mode = "all"] = process.argv.slice(2)
  for (const scenario of generate(Number(count), Number(seed), mode as Mode)) console.log(JSON.stringify(scenario))
}
