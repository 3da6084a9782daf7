/** Trees that are none, and what is said of them. */

// Without types: the point of these trees is that they are wrong.
const worker = (spec: object) => ({ type: "worker", id: "web", start: ["web"], ...spec })
const shop = (...children: ReadonlyArray<unknown>) => ({ type: "supervisor", id: "shop", children })
const pool = (spec: object) => ({ type: "pool", id: "jobs", size: 2, child: worker({}), ...spec })
const levels = (depth: number): object => (depth === 1 ? worker({}) : { ...shop(levels(depth - 1)), id: `level${depth}` })
const pathTo = (from: number, to: number): string => (from < to ? "" : `/level${from}${pathTo(from - 1, to)}`)
const cycle = () => {
  const tree = shop()
  return Object.assign(tree, { children: [tree] })
}

type Case = readonly [name: string, tree: unknown, ...sentences: ReadonlyArray<string>]

export const cases: ReadonlyArray<Case> = [
  ["a number instead of a tree", 5, "/: found 5, expected a supervisor, a worker or a pool."],
  ["null", null, "/: found null, expected a supervisor, a worker or a pool."],
  ["a list", [worker({})], '/: found [{"type":"worker","id":"web","start":["web"]}], expected a supervisor, a worker or a pool.'],
  ["an empty object", {}, '/  type: found nothing, expected "worker", "supervisor" or "pool".'],
  [
    "a worker as the root",
    worker({}),
    '/web: found a worker, expected a supervisor or a pool as the root. Did you mean supervisor({ id: "main", children: [worker({ id: "web", ... })] })?'
  ],
  [
    "a type of our own invention",
    { ...shop(), type: "group" },
    '/shop  type: found "group", expected "worker", "supervisor" or "pool". Did you mean "supervisor"?'
  ],
  ["no id", { type: "supervisor", children: [] }, "/  id: found nothing, expected an id: a letter, then letters, digits, _ and -."],
  [
    "an id with a space",
    { ...shop(), id: "my shop" },
    '/  id: found "my shop", expected an id: a letter, then letters, digits, _ and -. Did you mean "my-shop"?'
  ],
  [
    "an id that starts with a digit",
    shop(worker({ id: "2nd" })),
    '/shop/children[0]  id: found "2nd", expected an id: a letter, then letters, digits, _ and -.'
  ],
  ["an empty id", shop(worker({ id: "" })), '/shop/children[0]  id: found "", expected an id: a letter, then letters, digits, _ and -.'],
  [
    "an id that is a number",
    shop(worker({ id: 7 })),
    "/shop/children[0]  id: found 7, expected an id: a letter, then letters, digits, _ and -."
  ],
  [
    "no children",
    { type: "supervisor", id: "shop" },
    "/shop  children: found nothing, expected a list of children, such as [worker({ ... })]."
  ],
  [
    "children as an object",
    { type: "supervisor", id: "shop", children: { web: worker({}) } },
    '/shop  children: found {"web":{"type":"worker","id":"web","start":["web"]}}, expected a list of children, such as [worker({ ... })].'
  ],
  ["a child that is text", shop("web"), '/shop/children[0]: found "web", expected a supervisor, a worker or a pool.'],
  [
    "a child without a type",
    shop({ id: "web", start: ["web"] }),
    '/shop/web  type: found nothing, expected "worker", "supervisor" or "pool". Did you mean "worker"?'
  ],
  [
    "a child of an unknown type",
    shop({ type: "service", id: "web", start: ["web"] }),
    '/shop/web  type: found "service", expected "worker", "supervisor" or "pool". Did you mean "worker"?'
  ],
  [
    "two children of the same name",
    shop(worker({}), worker({ id: "db" }), worker({})),
    '/shop/web  id: found "web", expected an id of its own: children[0] has the same.'
  ],
  [
    "two of the same name, deeper",
    shop({ type: "supervisor", id: "inner", children: [worker({}), worker({})] }),
    '/shop/inner/web  id: found "web", expected an id of its own: children[0] has the same.'
  ],
  [
    "a strategy in Erlang",
    { ...shop(), strategy: "rest_for_one" },
    '/shop  strategy: found "rest_for_one", expected "OneForOne", "OneForAll" or "RestForOne". Did you mean "RestForOne"?'
  ],
  [
    "an unknown strategy",
    { ...shop(), strategy: "random" },
    '/shop  strategy: found "random", expected "OneForOne", "OneForAll" or "RestForOne".'
  ],
  ["a negative intensity", { ...shop(), intensity: -1 }, "/shop  intensity: found -1, expected a whole number, 0 or more."],
  ["half a restart", { ...shop(), intensity: 2.5 }, "/shop  intensity: found 2.5, expected a whole number, 0 or more."],
  [
    "an intensity as text",
    { ...shop(), intensity: "5" },
    '/shop  intensity: found "5", expected a whole number, 0 or more. Did you mean 5?'
  ],
  [
    "no period",
    { ...shop(), period: "0 seconds" },
    '/shop  period: found "0 seconds", expected a duration longer than zero. Did you mean "30 seconds"?'
  ],
  [
    "a period in numbers",
    { ...shop(), period: 5000 },
    '/shop  period: found 5000, expected a duration such as "5 seconds". Did you mean "5 seconds"?'
  ],
  ["a period in no unit", { ...shop(), period: "5" }, '/shop  period: found "5", expected a duration such as "5 seconds".'],
  ["a period in weeks", { ...shop(), period: "2 weeks" }, '/shop  period: found "2 weeks", expected a duration such as "5 seconds".'],
  [
    "a period of a lifetime",
    { ...shop(), period: "40000 days" },
    '/shop  period: found "40000 days", expected a duration shorter than ten years.'
  ],
  [
    "a negative duration",
    shop(worker({ shutdown: "-5 seconds" })),
    '/shop/web  shutdown: found "-5 seconds", expected a duration such as "5 seconds", "brutalKill" or "infinity".'
  ],
  [
    "a misspelt unit",
    shop(worker({ shutdown: "5 secs" })),
    '/shop/web  shutdown: found "5 secs", expected a duration such as "5 seconds", "brutalKill" or "infinity". Did you mean "5 seconds"?'
  ],
  [
    "brutal_kill",
    shop(worker({ shutdown: "brutal_kill" })),
    '/shop/web  shutdown: found "brutal_kill", expected a duration such as "5 seconds", "brutalKill" or "infinity". Did you mean "brutalKill"?'
  ],
  [
    "a start timeout that never ends",
    shop(worker({ startTimeout: "never" })),
    '/shop/web  startTimeout: found "never", expected a duration such as "5 seconds" or "infinity". Did you mean "infinity"?'
  ],
  [
    "an autoShutdown that is on",
    { ...shop(), autoShutdown: true },
    '/shop  autoShutdown: found true, expected "never", "anySignificant" or "allSignificant".'
  ],
  ["a boot that is lenient", { ...shop(), boot: "lenient" }, '/shop  boot: found "lenient", expected "strict" or "retry".'],
  [
    "max_restarts",
    { ...shop(), max_restarts: 3, max_seconds: 5 },
    '/shop  max_restarts: unknown key. Did you mean "intensity"?',
    '/shop  max_seconds: unknown key. Did you mean "period"?'
  ],
  ["a misspelt key", { ...shop(), stratgey: "OneForAll" }, '/shop  stratgey: unknown key. Did you mean "strategy"?'],
  [
    "a key of a worker in a supervisor",
    { ...shop(), cwd: "." },
    "/shop  cwd: unknown key, expected one of id, restart, significant, backoff, shutdown, period, boot, intensity, strategy, autoShutdown or children."
  ],
  [
    "no command",
    shop({ type: "worker", id: "web" }),
    '/shop/web  start: found nothing, expected a command and its arguments as a list, such as ["node", "web.js"].'
  ],
  ["an empty command", shop(worker({ start: [] })), "/shop/web  start[0]: found nothing, expected the name or path of a program."],
  [
    "a program without a name",
    shop(worker({ start: ["", "x"] })),
    '/shop/web  start[0]: found "", expected the name or path of a program.'
  ],
  [
    "a command as text",
    shop(worker({ start: "node web.js" })),
    '/shop/web  start: found "node web.js", expected a command and its arguments as a list, such as ["node", "web.js"]. Did you mean ["node","web.js"]?'
  ],
  [
    "a shell command",
    shop(worker({ start: "node web.js | tee log" })),
    '/shop/web  start: found "node web.js | tee log", expected a command and its arguments as a list, such as ["node", "web.js"]. Did you mean ["sh", "-c", "node web.js | tee log"]?'
  ],
  ["a command with a number", shop(worker({ start: ["sleep", 5] })), '/shop/web  start[1]: found 5, expected a string. Did you mean "5"?'],
  [
    "a command with a NUL byte",
    shop(worker({ start: ["a\0b"] })),
    '/shop/web  start[0]: found "a\\u0000b", expected text without NUL bytes.'
  ],
  [
    "the command called command",
    shop({ type: "worker", id: "web", command: ["web"] }),
    '/shop/web  command: unknown key. Did you mean "start"?'
  ],
  ["the id called name", shop({ type: "worker", name: "web", start: ["web"] }), '/shop/children[0]  name: unknown key. Did you mean "id"?'],
  ["an environment", shop(worker({ environment: { A: "1" } })), '/shop/web  environment: unknown key. Did you mean "env"?'],
  [
    "a variable that is a number",
    shop(worker({ env: { PORT: 3000 } })),
    '/shop/web  env.PORT: found 3000, expected a string, or null to remove the variable. Did you mean "3000"?'
  ],
  [
    "a variable with = in its name",
    shop(worker({ env: { "A=B": "1" } })),
    '/shop/web  env: found "A=B", expected a variable name: not empty, without "=" and NUL bytes.'
  ],
  [
    "a variable without a name",
    shop(worker({ env: { "": "1" } })),
    '/shop/web  env: found "", expected a variable name: not empty, without "=" and NUL bytes.'
  ],
  ["a variable with a NUL byte", shop(worker({ env: { A: "\0" } })), '/shop/web  env.A: found "\\u0000", expected text without NUL bytes.'],
  [
    "an environment that is a list",
    shop(worker({ env: ["A=1"] })),
    '/shop/web  env: found ["A=1"], expected variables and their values, such as { PORT: "3000" }.'
  ],
  ["an empty folder", shop(worker({ cwd: "" })), '/shop/web  cwd: found "", expected a folder, such as ".".'],
  [
    "restart always",
    shop(worker({ restart: "always" })),
    '/shop/web  restart: found "always", expected "permanent", "transient" or "temporary". Did you mean "permanent"?'
  ],
  [
    "restart misspelt",
    shop(worker({ restart: "allways" })),
    '/shop/web  restart: found "allways", expected "permanent", "transient" or "temporary". Did you mean "permanent"?'
  ],
  [
    "restart true",
    shop(worker({ restart: true })),
    '/shop/web  restart: found true, expected "permanent", "transient" or "temporary". Did you mean "permanent"?'
  ],
  [
    "the signal TERM",
    shop(worker({ stopSignal: "TERM" })),
    '/shop/web  stopSignal: found "TERM", expected "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGABRT", "SIGKILL" or "SIGWINCH". Did you mean "SIGTERM"?'
  ],
  [
    "the signal 9",
    shop(worker({ stopSignal: 9 })),
    '/shop/web  stopSignal: found 9, expected "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGABRT", "SIGKILL" or "SIGWINCH". Did you mean "SIGKILL"?'
  ],
  [
    "a signal nobody knows",
    shop(worker({ stopSignal: "SIGWHATEVER" })),
    '/shop/web  stopSignal: found "SIGWHATEVER", expected "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGABRT", "SIGKILL" or "SIGWINCH".'
  ],
  [
    "a success code that cannot be",
    shop(worker({ successCodes: [0, 256] })),
    "/shop/web  successCodes[1]: found 256, expected an exit code from 0 to 255."
  ],
  [
    "one success code",
    shop(worker({ successCodes: 3 })),
    "/shop/web  successCodes: found 3, expected a list of exit codes. Did you mean [3]?"
  ],
  [
    "ready when healthy",
    shop(worker({ ready: "healthy" })),
    '/shop/web  ready: found "healthy", expected "spawned", "exited", line("a pattern") or fd().'
  ],
  [
    "ready when completed",
    shop(worker({ ready: "completed" })),
    '/shop/web  ready: found "completed", expected "spawned", "exited", line("a pattern") or fd(). Did you mean "exited"?'
  ],
  [
    "ready on an unknown thing",
    shop(worker({ ready: { type: "lines", pattern: "x" } })),
    '/shop/web  ready.type: found "lines", expected "line" or "fd". Did you mean "line"?'
  ],
  [
    "ready on a broken pattern",
    shop(worker({ ready: { type: "line", pattern: "(" } })),
    '/shop/web  ready.pattern: found "(", expected a regular expression (this one: Unterminated group).'
  ],
  [
    "ready on no pattern",
    shop(worker({ ready: { type: "line" } })),
    "/shop/web  ready.pattern: found nothing, expected a regular expression as a string."
  ],
  ["ready on stdout", shop(worker({ ready: { type: "fd", fd: 1 } })), "/shop/web  ready.fd: found 1, expected a descriptor from 3 to 255."],
  [
    "ready when exited, forever",
    shop(worker({ ready: "exited" })),
    '/shop/web  ready: found "exited", expected a restart of "transient" or "temporary" beside it: a permanent worker is started again when it has exited.'
  ],
  [
    "significant and permanent",
    { ...shop(worker({ significant: true })), autoShutdown: "anySignificant" },
    '/shop/web  significant: found true, expected a restart of "transient" or "temporary" beside it: a permanent child never ends for good.'
  ],
  [
    "significant for nobody",
    shop(worker({ significant: true, restart: "transient" })),
    '/shop/web  significant: found true, expected an autoShutdown of "anySignificant" or "allSignificant" in its supervisor.'
  ],
  [
    "a significant root",
    { ...shop(), significant: true, restart: "transient" },
    "/shop  significant: found true, expected false: the root has no supervisor that it could end."
  ],
  [
    "a significant instance",
    pool({ child: worker({ significant: true, restart: "temporary" }) }),
    "/jobs  child.significant: found true, expected false: the instances of a pool cannot be significant."
  ],
  [
    "a truthy significance",
    shop(worker({ significant: "true" })),
    '/shop/web  significant: found "true", expected true or false. Did you mean true?'
  ],
  [
    "a backoff by name",
    shop(worker({ backoff: "exponential" })),
    '/shop/web  backoff: found "exponential", expected constant({ delay: "1 second" }), linear() or exponential(). Did you mean exponential()?'
  ],
  [
    "a backoff of an unknown kind",
    shop(worker({ backoff: { type: "exponentail" } })),
    '/shop/web  backoff.type: found "exponentail", expected "constant", "linear" or "exponential". Did you mean "exponential"?'
  ],
  [
    "a constant backoff without a delay",
    shop(worker({ backoff: { type: "constant" } })),
    '/shop/web  backoff.delay: found nothing, expected a duration such as "5 seconds".'
  ],
  [
    "a shrinking backoff",
    shop(worker({ backoff: { type: "exponential", factor: 0.5 } })),
    "/shop/web  backoff.factor: found 0.5, expected a number, 1 or more."
  ],
  [
    "too much jitter",
    shop(worker({ backoff: { type: "linear", jitter: 1.5 } })),
    "/shop/web  backoff.jitter: found 1.5, expected a number from 0 to 1."
  ],
  [
    "a step in an exponential backoff",
    shop(worker({ backoff: { type: "exponential", step: "1s" } })),
    "/shop/web  backoff.step: unknown key, expected one of initial, factor, cap, jitter or forgetAfter."
  ],
  [
    "a pool without a size",
    { type: "pool", id: "jobs", child: worker({}) },
    "/jobs  size: found nothing, expected a whole number from 0 to 100000."
  ],
  [
    "a pool with replicas",
    { type: "pool", id: "jobs", replicas: 3, child: worker({}) },
    '/jobs  replicas: unknown key. Did you mean "size"?'
  ],
  ["a pool of half a worker", pool({ size: 1.5 }), "/jobs  size: found 1.5, expected a whole number from 0 to 100000."],
  ["a pool larger than its max", pool({ size: 20, max: 10 }), "/jobs  size: found 20, expected at most its max, 10."],
  ["a pool larger than any", pool({ max: 200_000 }), "/jobs  max: found 200000, expected a whole number from 0 to 100000."],
  [
    "a pool without a child",
    { type: "pool", id: "jobs", size: 3 },
    "/jobs  child: found nothing, expected a supervisor, a worker or a pool."
  ],
  [
    "a mistake in the child of a pool",
    shop(pool({ child: worker({ restart: "no" }) })),
    '/shop/jobs  child.restart: found "no", expected "permanent", "transient" or "temporary". Did you mean "temporary"?'
  ],
  [
    "a mistake deep below a pool",
    pool({ child: shop(worker({ cwd: 5 })) }),
    '/jobs.child/web  cwd: found 5, expected a folder, such as ".".'
  ],
  [
    "a key with a slash",
    { ...shop(), "a/b": 1 },
    '/shop  ["a/b"]: unknown key, expected one of id, restart, significant, backoff, shutdown, period, boot, intensity, strategy, autoShutdown or children.'
  ],
  [
    "a variable with a line break",
    shop(worker({ env: { "A.B\n": 1 } })),
    '/shop/web  env["A.B\\n"]: found 1, expected a string, or null to remove the variable. Did you mean "1"?'
  ],
  ["a cycle", cycle(), "/shop/children[0]: found a cycle: an object that contains itself, expected plain data."],
  ["a function", shop(worker({ start: () => ["x"] })), "/shop/web  start: found a function (start), expected plain data."],
  [
    "a forgotten call",
    shop(worker({ ready: function fd() {} })),
    "/shop/web  ready: found a function (fd), expected plain data. Did you mean fd()?"
  ],
  [
    "undefined",
    shop(worker({ cwd: undefined })),
    "/shop/web  cwd: found undefined, expected plain data. Did you mean leaving the key out?"
  ],
  ["a date", shop(worker({ env: { NOW: new Date(0) } })), "/shop/web  env.NOW: found an object of class Date, expected plain data."],
  ["a class", shop(new (class Web {})()), "/shop/children[0]: found an object of class Web, expected plain data."],
  ["a symbol", shop(worker({ id: Symbol("web") })), "/shop/children[0]  id: found a symbol, expected plain data."],
  ["a symbol as key", { ...shop(), [Symbol("x")]: 1 }, "/shop  [Symbol(x)]: found a symbol as key, expected plain data."],
  [
    "infinity as a number",
    shop(worker({ shutdown: Number.POSITIVE_INFINITY })),
    '/shop/web  shutdown: found Infinity, expected plain data. Did you mean "infinity"?'
  ],
  ["a big integer", { ...shop(), intensity: 5n }, "/shop  intensity: found a bigint, expected plain data."],
  ["thirty-three levels", levels(33), `${pathTo(33, 2)}/web: found level 33, expected at most 32 levels.`],
  ["a hundred levels", levels(60), `${pathTo(60, 11)}/children[0]: found more objects inside objects, expected at most 100 levels.`],
  [
    "many children",
    shop(...Array.from({ length: 100_001 }, () => worker({}))),
    "/shop: found more than 100000 children, expected at most 100000 in a tree."
  ],
  [
    "two mistakes in one worker, and one above",
    { ...shop(worker({ restart: "x", cwd: 1 })), boot: "x" },
    '/shop/web  restart: found "x", expected "permanent", "transient" or "temporary".',
    '/shop/web  cwd: found 1, expected a folder, such as ".".',
    '/shop  boot: found "x", expected "strict" or "retry".'
  ]
]

export const sayCase = (source: string, [, , ...sentences]: Case): string => {
  const head = `${source} is not a tree I can run: ${sentences.length} problem${sentences.length === 1 ? "" : "s"}.`
  return [head, ...sentences.map((sentence) => `  ${sentence}`)].join("\n")
}
