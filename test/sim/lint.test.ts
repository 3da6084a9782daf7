/** Trees that are hardly what their authors meant, and the same trees once they are. */
import * as Effect from "effect/Effect"
import { constant, decodeTree, exponential, fd, line, pool, type SupervisorSpec, supervisor, type TreeSpec, worker } from "supervise"
import { expect, it } from "vitest"
import { lint } from "../../src/sim/lint.ts"

const findings = (spec: TreeSpec) => lint(Effect.runSync(decodeTree(spec)))
const said = (spec: TreeSpec) => findings(spec).map(({ path, key, because }) => `${path} ${key}: ${because}`)

const web = worker({ id: "web", start: ["web"] })
const api = worker({ id: "api", start: ["api"] })
const every20s = constant({ delay: "20s", jitter: 0 })
const slow = (id: string) => worker({ id, start: ["web"], backoff: every20s })
const eight = Array.from({ length: 8 }, (_, n) => worker({ id: `w${n}`, start: ["w"] }))
const shop = (more: Partial<SupervisorSpec>) => supervisor({ id: "shop", children: [web], ...more })
const below = (...children: SupervisorSpec["children"]) => supervisor({ id: "root", children })

const neverCrossed = (restarts: string, period: string, allowed: number) =>
  `/shop intensity: its limit can never be crossed: even if everything fails at once and for good, ` +
  `backoff lets ${restarts} fall into ${period}, and ${allowed} are allowed.`
const killedEarly = (after: string, need: string) =>
  `/root/shop shutdown: it is killed ${after} after it is told to stop, while its children may take ${need}, one after the other.`

const cases: ReadonlyArray<readonly [what: string, spec: TreeSpec, findings: ReadonlyArray<string>]> = [
  ["the defaults", shop({}), []],
  ["a pool of many, with its defaults", pool({ id: "jobs", size: 100, child: web }), []],
  ["an exponential backoff that begins fast", shop({ children: [{ ...web, backoff: exponential({ cap: "10m" }) }] }), []],
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
  ["several slow children that cross it together", shop({ children: [slow("a"), slow("b"), slow("c")] }), []],
  [
    "more children than restarts",
    shop({ children: eight }),
    ["/shop intensity: if its 8 children all fall once at the same moment, it gives up: that is 8 restarts, and 5 are allowed."]
  ],
  ["the same children, which fall together", shop({ children: eight, strategy: "OneForAll" }), []],
  [
    "a pool with a limit of its own",
    pool({ id: "jobs", size: 6, intensity: 5, child: web }),
    ["/jobs intensity: if its 6 children all fall once at the same moment, it gives up: that is 6 restarts, and 5 are allowed."]
  ],
  ["no restart at all", shop({ intensity: 0 }), ["/shop intensity: the first exit of any child makes it give up: no restart is allowed."]],
  ["less time to stop than the children have", below(shop({ shutdown: "8s", children: [web, api] })), [killedEarly("8s", "10s")]],
  ["as much time as they have", below(shop({ shutdown: "10s", children: [web, api] })), []],
  ["a pool, which stops together", below(pool({ id: "jobs", size: 50, shutdown: "5s", child: web })), []],
  [
    "a child that may take for ever to stop, two levels down",
    below(shop({ shutdown: "1m", children: [supervisor({ id: "in", children: [{ ...web, shutdown: "infinity" }] })] })),
    [killedEarly("1m", "as long as they like")]
  ],
  [
    "someone behind a child that has for ever to be ready",
    shop({ children: [{ ...web, ready: line("up"), startTimeout: "infinity" }, api] }),
    ["/shop web.startTimeout: api is never started if web never says that it is ready: it has for ever to do so."]
  ],
  ["nobody behind it", shop({ children: [api, { ...web, ready: fd(), startTimeout: "infinity" }] }), []],
  [
    "a supervisor whose end nobody notices",
    below(shop({ restart: "transient" })),
    [
      '/root/shop restart: when it gives up, it ends for good and nobody hears of it: its restart is "transient", and giving up is a normal end.'
    ]
  ],
  ["the same, significant", { ...below(shop({ restart: "transient", significant: true })), autoShutdown: "anySignificant" }, []]
]

it.for(cases)("%s", ([, spec, expected]) => expect(said(spec)).toEqual(expected))

it("says of everything that it finds what to change", () => {
  const all = cases.flatMap(([, spec]) => findings(spec))
  expect(all.length).toBeGreaterThan(8)
  for (const { advice } of all) expect(advice).toMatch(/^[A-Z].*\.$/)
})
