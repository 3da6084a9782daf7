/** Trees that are probably not what their authors meant, and the same trees corrected. */
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import {
  type BackoffSpec,
  constant,
  type Duration,
  exec,
  exponential,
  fd,
  file,
  http,
  line,
  pool,
  type SupervisorSpec,
  supervisor,
  type TreeSpec,
  tcp,
  unix,
  worker
} from "supervise"
import { expect, it } from "vitest"
import { lint } from "../../src/sim/lint.ts"
import { simulate } from "../../src/sim/simulate.ts"

/** Most cases are about a limit of the whole supervisor; those of a limit per child say so. */
const findings = (spec: TreeSpec) =>
  lint({ onIntensity: "escalate", ...spec }).map(({ path, key, because }) => `${path} ${key}: ${because}`)

const web = worker({ id: "web", start: ["web"] })
const api = worker({ id: "api", start: ["api"] })
const every20s = constant({ delay: "20s", jitter: 0 })
const forgets = (forgetAfter: Duration) => exponential({ initial: "1s", cap: "1m", jitter: 0, forgetAfter })
const slow = (id: string) => worker({ id, start: ["web"], backoff: every20s })
const eight = Array.from({ length: 8 }, (_, n) => worker({ id: `w${n}`, start: ["w"] }))
const shop = (more: Partial<SupervisorSpec>) => supervisor({ id: "shop", children: [web], ...more })
const below = (...children: SupervisorSpec["children"]) => supervisor({ id: "root", children })

const neverCrossed = (restarts: string, period: string, allowed: number) =>
  `/shop intensity: its limit can never be crossed: however its children fail, ` +
  `backoff lets ${restarts} fall into ${period}, and ${allowed} are allowed.`
const killedEarly = (after: string, need: string) =>
  `/root/shop shutdown: it is killed ${after} after it is told to stop, while its children may take ${need}, one after the other.`

const many = (count: number) => Array.from({ length: count }, (_, n) => worker({ id: `m${n}`, start: ["m"] }))
const two = { failures: 2 } as const
const phiNever = (soonest: string, convict: number, hangAfter: string) =>
  `/shop/web heartbeat.hangAfter: phi never decides: even if its beats come like clockwork, ` +
  `it takes ${soonest} of silence to be ${convict}, and hangAfter is ${hangAfter}.`
const tooSlow = (key: string, timeout: string, every: string) =>
  `/shop/web ${key}: a check without an answer takes ${timeout}, its timeout, and its ${every}: it cannot be made that often.`

const cases: ReadonlyArray<readonly [what: string, spec: TreeSpec, findings: ReadonlyArray<string>]> = [
  ["the defaults", shop({}), []],
  ["the defaults of a root", shop({ onIntensity: "failChild" }), []],
  ["a root that fails its children, of which all fail once at the same time", shop({ onIntensity: "failChild", children: eight }), []],
  [
    "a root that fails its children, and a backoff slower than the window",
    shop({ onIntensity: "failChild", children: [slow("a"), slow("b")] }),
    ["/shop intensity: no child is ever failed: backoff lets 2 restarts of each fall into 30s, and 5 are allowed."]
  ],
  [
    "a root that fails a child at its first exit",
    shop({ onIntensity: "failChild", intensity: 0 }),
    ["/shop intensity: the first exit of any child fails it: no restart is allowed."]
  ],
  ["a pool of many, with its defaults", pool({ id: "jobs", size: 100, child: web }), []],
  ["an exponential backoff that starts fast", shop({ children: [{ ...web, backoff: exponential({ cap: "10m" }) }] }), []],
  ["a limit that was lifted on purpose", shop({ intensity: 1_000_000_000 }), []],
  ["only temporary children", shop({ children: [{ ...web, restart: "temporary" }], intensity: 0 }), []],
  ["a backoff slower than the window", shop({ children: [slow("a")] }), [neverCrossed("2 restarts", "30s", 5)]],
  ["the same, and a limit that can be crossed", shop({ children: [slow("a")], intensity: 1 }), []],
  ["as many as are allowed", shop({ children: [slow("a")], intensity: 2, period: "20s" }), [neverCrossed("2 restarts", "20s", 2)]],
  [
    "a window that closes just before the second",
    shop({ children: [slow("a")], intensity: 1, period: "19s" }),
    [neverCrossed("1 restart", "19s", 1)]
  ],
  [
    "a child that stays up until its delays are forgotten, and so fails more often than one that fails at once",
    shop({ children: [{ ...web, backoff: forgets("5s") }], intensity: 12, period: "5 minutes" }),
    []
  ],
  [
    "the same, with a memory longer than the window",
    shop({ children: [{ ...web, backoff: forgets("6m") }], intensity: 12, period: "5 minutes" }),
    [neverCrossed("10 restarts", "5m", 12)]
  ],
  ["a child after one that fails may wait less", shop({ children: [slow("a"), slow("b")], strategy: "RestForOne" }), []],
  ["the same children, independent", shop({ children: [slow("a"), slow("b")] }), [neverCrossed("4 restarts", "30s", 5)]],
  ["several slow children that cross it together", shop({ children: [slow("a"), slow("b"), slow("c")] }), []],
  [
    "more children than restarts",
    shop({ children: eight }),
    ["/shop intensity: if its 8 children all fail once at the same time, it gives up: that is 8 restarts, and 5 are allowed."]
  ],
  ["the same children, which restart together", shop({ children: eight, strategy: "OneForAll" }), []],
  [
    "a pool with a limit of its own",
    pool({ id: "jobs", size: 6, intensity: 5, child: web }),
    ["/jobs intensity: if its 6 children all fail once at the same time, it gives up: that is 6 restarts, and 5 are allowed."]
  ],
  ["no restart at all", shop({ intensity: 0 }), ["/shop intensity: the first exit of any child makes it give up: no restart is allowed."]],
  ["less time to stop than the children have", below(shop({ shutdown: "8s", children: [web, api] })), [killedEarly("8s", "10s")]],
  ["as much time as they have", below(shop({ shutdown: "10s", children: [web, api] })), []],
  ["a pool, which stops together", below(pool({ id: "jobs", size: 50, shutdown: "5s", child: web })), []],
  [
    "a child that may take forever to stop, two levels down",
    below(shop({ shutdown: "1m", children: [supervisor({ id: "in", children: [{ ...web, shutdown: "infinity" }] })] })),
    [killedEarly("1m", "forever")]
  ],
  [
    "a child after one that has forever to become ready",
    shop({ children: [{ ...web, ready: line("up"), startTimeout: "infinity" }, api] }),
    ['/shop web.startTimeout: api is never started if web never becomes ready: its startTimeout is "infinity".']
  ],
  [
    "one that has forever, and one that boots beside it",
    shop({ bootConcurrency: 2, children: [{ ...web, ready: line("up"), startTimeout: "infinity" }, api] }),
    []
  ],
  [
    "one that has forever, and one that boots beside it and needs it",
    shop({
      bootConcurrency: 2,
      children: [
        { ...web, ready: line("up"), startTimeout: "infinity" },
        { ...api, needs: ["web"] }
      ]
    }),
    ['/shop web.startTimeout: api is never started if web never becomes ready: its startTimeout is "infinity".']
  ],
  [
    "a job that may take forever, and others after it",
    shop({ children: [{ ...web, restart: "transient", ready: "exited", startTimeout: "infinity" }, api] }),
    []
  ],
  ["nothing after it", shop({ children: [api, { ...web, ready: fd(), startTimeout: "infinity" }] }), []],
  [
    "a supervisor whose giving up nothing notices",
    below(shop({ restart: "transient" })),
    [
      '/root/shop restart: when it gives up, it ends for good and nothing notices: its restart is "transient", and giving up is a normal exit.'
    ]
  ],
  ["a breaker with its defaults, and as many children as it takes", shop({ children: eight, breaker: {} }), []],
  ["a pool with a breaker", pool({ id: "jobs", size: 50, breaker: {}, child: web }), []],
  [
    "a breaker of two children, with its defaults",
    shop({ children: [web, api], breaker: {} }),
    ["/shop breaker: its breaker never opens: it takes 5 different children to fail, and only 2 are ever restarted."]
  ],
  [
    "a breaker of one",
    pool({ id: "jobs", size: 1, breaker: { failures: 2 }, child: web }),
    ["/jobs breaker: its breaker never opens: it takes 2 different children to fail, and only 1 is ever restarted."]
  ],
  [
    "a breaker that would need temporary children to fail",
    shop({ children: [web, ...eight.map((child) => ({ ...child, restart: "temporary" as const }))], breaker: { failures: 2 } }),
    ["/shop breaker: its breaker never opens: it takes 5 different children to fail, and only 1 is ever restarted."]
  ],
  [
    "a breaker that opens too late",
    shop({ children: many(20), breaker: {} }),
    ["/shop breaker: it gives up before its breaker opens: that takes 10 different children, and only 5 restarts are allowed."]
  ],
  ["the same with enough restarts", shop({ children: many(20), breaker: {}, intensity: 9 }), []],
  ["the same with a smaller share", shop({ children: many(20), breaker: { share: 0.2 } }), []],
  ["a slow backoff, and a breaker that probes every five seconds", shop({ children: [slow("a"), slow("b")], breaker: two }), []],
  [
    "the same, with a probe every hour",
    shop({ children: [slow("a"), slow("b")], breaker: { ...two, probeEvery: "1h" }, intensity: 15 }),
    [neverCrossed("14 restarts", "30s", 15)]
  ],
  ["heartbeats with their defaults", shop({ children: [{ ...web, heartbeat: { every: "1s" } }] }), []],
  [
    "a heartbeat whose hangAfter comes before phi is high enough",
    shop({ children: [{ ...web, heartbeat: { every: "1s", hangAfter: "1500ms" } }] }),
    [phiNever("2s", 8, "1.5s")]
  ],
  [
    "an exponential model, which is slow by itself",
    shop({ children: [{ ...web, heartbeat: { every: "5s", model: "exponential" } }] }),
    [phiNever("1m 32s", 8, "50s")]
  ],
  [
    "a phi that is never reached",
    shop({ children: [{ ...web, heartbeat: { every: "1s", convict: 300 } }] }),
    [phiNever("39s", 300, "30s")]
  ],
  [
    "a heartbeat by a check that may take longer",
    shop({ children: [{ ...web, heartbeat: { every: "2s", from: { type: "tcp", port: 1, timeout: "3s" } } }] }),
    [tooSlow("heartbeat.from.timeout", "3s", "heartbeat is 2s")]
  ],
  [
    "checks that may take longer than their interval",
    shop({
      children: [{ ...web, ready: { ...tcp(1), timeout: "5s" }, health: [tcp(1), { ...tcp(2), interval: "2s", timeout: "3s" }] }]
    }),
    [tooSlow("health[1].timeout", "3s", "interval is 2s")]
  ],
  ["a health check with its defaults", shop({ children: [{ ...web, health: tcp(1) }] }), []],
  [
    "a health check that takes longer to fail than restarts are remembered",
    shop({ children: [{ ...web, health: { ...tcp(1), interval: "20s" } }] }),
    [
      "/shop period: if its tcp check never succeeds, web is restarted forever and never reported above: 3 failures take 40s, " +
        "and restarts are counted over 30s."
    ]
  ],
  ["the same, with onFailure report", shop({ children: [{ ...web, health: { ...tcp(1), interval: "20s", onFailure: "report" } }] }), []],
  [
    "the same, with a limit that it can cross",
    shop({ children: [{ ...web, health: { ...tcp(1), interval: "16s", failureThreshold: 2 } }], intensity: 1 }),
    []
  ],
  [
    "a child that is watched, and has forever to stop",
    shop({ children: [{ ...web, heartbeat: { every: "1s" }, shutdown: "infinity" }] }),
    ["/shop/web shutdown: if it hangs, it has forever to stop, and may ignore the stop signal: then it is never restarted."]
  ],
  ["the same, not watched", shop({ children: [{ ...web, shutdown: "infinity" }] }), []],
  [
    "a first check that comes too late",
    shop({ children: [{ ...web, ready: { ...tcp(1), initialDelay: "30s" } }] }),
    ["/shop/web startTimeout: it is never ready in time: the first check is made after 30s, and it has 30s to be ready."]
  ],
  [
    "more successes than the time allows",
    shop({ children: [{ ...web, ready: { ...tcp(1), interval: "10s", successThreshold: 4 } }] }),
    [
      "/shop/web startTimeout: it is never ready in time: check 4, the first that can find it ready, is made after 30s, and it has 30s to be ready."
    ]
  ],
  ["the same, significant", { ...below(shop({ restart: "transient", significant: true })), autoShutdown: "anySignificant" }, []],
  [
    "what only a shell would replace",
    shop({
      children: [
        {
          ...web,
          start: ["web", "--port=$PORT", "${DATA}/x", "--data=~/data", "-Dlog=${user.home}", "^a$", "$1", "back~", "--only=name=~/x/"],
          cwd: "~/web",
          env: { PATH: "$HOME/bin:/bin", LOG: "${HOME}/log", DB_PASSWORD: "$UPPER", PAGER: "less $FILE", COST: "5$", NONE: null },
          ready: exec(["ask", "$PORT"]),
          health: [unix("~/web.sock"), file("$RUN/pid"), http("http://web/", { socket: "/run/$USER.sock" })]
        }
      ]
    }),
    [
      ...['start[1]: "$PORT"', 'start[2]: "${DATA}"', 'start[3]: "~"', 'ready.command[1]: "$PORT"'],
      ...['env.PATH: "$HOME"', 'env.LOG: "${HOME}"', 'cwd: "~"'],
      ...['health[0].path: "~"', 'health[1].path: "$RUN"', 'health[2].socket: "$USER"']
    ].map((what) => `/shop/web ${what} is taken as it stands: no shell replaces it.`)
  ],
  [
    "a shell, and other programs that read their arguments",
    shop({
      children: [
        { ...web, start: ["sh", "-c", "exec web --port $PORT ~/x", "$0"] },
        { ...api, start: ["/usr/bin/ssh", "host", "$HOME/api"], env: { PS1: "$PWD" }, health: exec(["node", "-e", "`${A}` + $B"]) }
      ]
    }),
    []
  ],
  [
    "codes that stand for signals in shells",
    shop({ children: [{ ...web, successCodes: [0, 128, 143, 172, 193] }] }),
    [
      "/shop/web successCodes: 143 is how shells tell of an end by signal 15 (SIGTERM); here that is an end by a signal, whatever codes are listed.",
      "/shop/web successCodes: 172 is how shells tell of an end by signal 44; here that is an end by a signal, whatever codes are listed."
    ]
  ],
  [
    "workers that name the same port",
    shop({
      children: [
        { ...web, start: ["web", "--port", "8080"] },
        { ...api, start: ["api", "--port=8080"] },
        worker({ id: "c", start: ["c", "-p", "8080"] }),
        worker({ id: "d", start: ["d"], env: { PORT: "8080" } })
      ]
    }),
    [
      ["api", "start"],
      ["c", "start"],
      ["d", "env.PORT"]
    ].map(([id, key]) => `/shop/${id} ${key}: it shares port 8080 with /shop/web, and only one process can listen on it.`)
  ],
  [
    "workers that are checked on the same port, in different supervisors",
    below(shop({ children: [{ ...web, ready: tcp(80) }] }), {
      ...shop({ children: [{ ...api, health: [http("http://localhost/a"), http("http://localhost/b")] }] }),
      id: "other"
    }),
    ["/root/other/api health[0]: it shares port 80 with /root/shop/web, and only one process can listen on it."]
  ],
  [
    "workers that do not share a port, although it looks like it",
    shop({
      intensity: 13,
      children: [
        { ...web, start: ["web", "--port", "8080"] },
        { ...api, start: ["api", "--port", "8080", "--host", "127.0.0.2"] },
        worker({ id: "job", start: ["job", "--port", "8080"], ready: "exited", restart: "transient" }),
        worker({ id: "ask", start: ["psql", "-p", "8080"] }),
        worker({ id: "any", start: ["any", "--port", "0"] }),
        worker({ id: "any2", start: ["any", "--port", "0"] }),
        worker({ id: "dirs", start: ["mkdirs", "-p", "a/8080"] }),
        worker({ id: "needs", start: ["needs"], needs: ["web"], health: http("http://127.0.0.1:8080/") }),
        worker({ id: "shows", start: ["shows"], health: { ...tcp(8080), onFailure: "report" } }),
        worker({ id: "far", start: ["far"], ready: tcp(8080, { host: "db" }) }),
        worker({ id: "socket", start: ["socket"], ready: http("http://localhost:8080/", { socket: "a.sock" }) }),
        worker({ id: "own", start: ["own", "--port", "9090"], health: http("http://localhost:8080/") }),
        worker({ id: "shell", start: ["sh", "-c", "web --port 8080"] })
      ]
    }),
    []
  ],
  [
    "a pool whose instances all take the same port",
    pool({ id: "shop", size: 3, child: { ...web, env: { PORT: "8080" } } }),
    ["/shop/web env.PORT: the 3 instances of /shop share port 8080, and only one process can listen on it."]
  ],
  ["a pool of one", pool({ id: "shop", size: 1, child: { ...web, env: { PORT: "8080" } } }), []]
]

it.for(cases)("%s", ([, spec, expected]) => expect(findings(spec)).toEqual(expected))

it("gives advice with every finding", () => {
  const all = cases.flatMap(([, spec]) => lint(spec))
  expect(all.length).toBeGreaterThan(8)
  for (const { advice } of all) expect(advice).toMatch(/^[A-Z].*\.$/)
})

// ---------------------------------------------------------------- what lint calls impossible does not happen

const whole = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
const Gene = Schema.Struct({
  seed: whole(0, 1_000_000),
  strategy: Schema.Literals(["OneForOne", "OneForAll", "RestForOne"]),
  intensity: whole(1, 20),
  period: whole(1, 60),
  children: Schema.NonEmptyArray(
    Schema.Struct({
      type: Schema.Literals(["constant", "linear", "exponential", "adaptive"]),
      initial: whole(0, 20),
      cap: whole(1, 60),
      forgetAfter: whole(0, 30),
      jitter: Schema.Literals([0, 0.5])
    })
  ).check(Schema.isMaxLength(3))
})
type Gene = typeof Gene.Type

const ms = (seconds: number) => `${seconds * 1000}ms` as const
function treeOf({ strategy, intensity, period, children }: Gene) {
  const workers = children.map(({ type, initial, cap, forgetAfter, jitter }, n) => {
    const rest = { jitter, forgetAfter: ms(forgetAfter) }
    const adaptive = { min: ms(Math.max(1, initial)), max: ms(Math.max(1, initial, cap)), halfLife: ms(Math.max(1, forgetAfter)), jitter }
    const backoff: BackoffSpec =
      type === "adaptive"
        ? { type, ...adaptive }
        : type === "constant"
          ? { type, delay: ms(initial), ...rest }
          : { type, initial: ms(initial), cap: ms(cap), ...rest }
    return worker({ id: `w${n}`, start: ["w"], backoff })
  })
  return supervisor({ id: "shop", onIntensity: "escalate", strategy, intensity, period: ms(period), children: workers })
}
const isNever = (spec: TreeSpec) => lint(spec).some(({ because }) => because.includes("never be crossed"))

it("a limit that can never be crossed is not crossed, neither by crash loops nor by children that stay up until their delays are forgotten", async () => {
  const seed = process.env.SEED ?? Math.floor(Math.random() * 2 ** 32)
  let found = 0
  const holds = (one: Gene) =>
    Effect.sync(() => {
      const tree = treeOf(one)
      if (!isNever(tree)) return true
      found++
      // All fail at once; each stays up for the best time; and both at random, so that some cut short the delays of
      // others.
      return [[0], [1], [2], [0, 1], [0, 1, 2]].every((which) => {
        const behaviours = one.children.map(({ forgetAfter }, n) => {
          const lifetimes = [0, forgetAfter * 1000, forgetAfter * 1000 + 1]
          return { path: `w${n}`, lifetime: { type: "samples", ms: which.map((index) => lifetimes[index]!) } as const }
        })
        const { escalations, ended } = simulate(tree, { for: "5m", seed: one.seed, behaviours })
        return escalations.length === 0 && ended === undefined
      })
    })
  const result = await Effect.runPromise(
    Arbitrary.checkEffect(Arbitrary.schema(Gene), holds, { runs: Number(process.env.RUNS ?? 300), seed })
  )
  expect(result._tag, `SEED=${seed} npx vitest run test/sim/lint.test.ts\n${Arbitrary.formatCheckFailure(result)}`).toBe("Passed")
  expect(found).toBeGreaterThan(20)
})

/**
 * By search: the most restarts of a child within the period, if each incarnation exits at once or just when its delays
 * are forgotten.
 */
function mostRestarts({ initial, cap, forgetAfter }: Gene["children"][number], period: number): number {
  let most = 0
  const go = (count: number, attempt: number, left: number): void => {
    most = Math.max(most, count)
    const wait = Math.min(cap, initial * 2 ** (attempt - 1))
    if (wait > left || count > 40) return
    go(count + 1, attempt + 1, left - wait)
    if (wait + forgetAfter <= left) go(count + 1, 1, left - wait - forgetAfter)
  }
  go(1, 1, period)
  return most
}

it("the finding is given whenever it is true: for one child, compared with the most restarts it can have", () => {
  for (let n = 0; n < 200; n++) {
    const child = { type: "exponential", initial: 1 + (n % 3), cap: 4 + (n % 17), forgetAfter: n % 11, jitter: 0 } as const
    const period = 1 + (n % 23)
    const most = mostRestarts(child, period)
    const allowing = (intensity: number) => treeOf({ seed: 0, strategy: "OneForOne", intensity, period, children: [child] })
    expect([n, isNever(allowing(most)), isNever(allowing(Math.max(1, most - 1)))]).toEqual([n, true, most === 1])
  }
})
