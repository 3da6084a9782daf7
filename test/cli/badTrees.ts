/** Invalid trees, and the sentence for each. */

// Without types: the point of these trees is that they are wrong.
const worker = (spec: object) => ({ type: "worker", id: "web", start: ["web"], ...spec })
const shop = (...children: ReadonlyArray<unknown>) => ({ type: "supervisor", id: "shop", children })
const db = worker({ id: "db" })
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
    "logs that are neither",
    shop(worker({ logs: "yes" })),
    '/shop/web  logs: found "yes", expected true, false or { size: "10 MiB", keep: 5 }. Did you mean true?'
  ],
  [
    "a key of another tool's logs",
    shop(worker({ logs: { "max-file": 3 } })),
    '/shop/web  logs.max-file: unknown key. Did you mean "keep"?'
  ],
  [
    "log files that would hold nothing",
    shop(worker({ logs: { size: "1 KiB" } })),
    '/shop/web  logs.size: found "1 KiB", expected a size of at least "4 KiB". Did you mean "4 KiB"?'
  ],
  [
    "logs in all smaller than one of their files",
    { ...shop(), logs: { total: "1 MiB" } },
    '/shop  logs.total: found "1 MiB", expected a size not smaller than its size, "10 MiB".'
  ],
  [
    "an unknown type",
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
    '/shop/web  id: found "web", expected a unique id: children[0] has the same.'
  ],
  [
    "two of the same name, deeper",
    shop({ type: "supervisor", id: "inner", children: [worker({}), worker({})] }),
    '/shop/inner/web  id: found "web", expected a unique id: children[0] has the same.'
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
  [
    "a period in fewer numbers",
    { ...shop(), period: 30 },
    '/shop  period: found 30, expected a duration such as "5 seconds". Did you mean "30 seconds" or "30 millis"?'
  ],
  [
    "a period in half a number",
    { ...shop(), period: 0.5 },
    '/shop  period: found 0.5, expected a duration such as "5 seconds". Did you mean "500 millis"?'
  ],
  [
    "an hour in numbers",
    { ...shop(), shutdown: 3600 },
    '/shop  shutdown: found 3600, expected a duration such as "5 seconds", "brutalKill" or "infinity". Did you mean "1 hour" or "3600 millis"?'
  ],
  [
    "a period of years in numbers",
    { ...shop(), period: 400_000_001 },
    '/shop  period: found 400000001, expected a duration such as "5 seconds". Did you mean "400000001 millis"?'
  ],
  ["a period in no unit", { ...shop(), period: "5" }, '/shop  period: found "5", expected a duration such as "5 seconds".'],
  ["a period in weeks", { ...shop(), period: "2 weeks" }, '/shop  period: found "2 weeks", expected a duration such as "5 seconds".'],
  [
    "a period of a century",
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
  [
    "children of a chain that boot together",
    { ...shop(), strategy: "RestForOne", bootConcurrency: 4 },
    "/shop  bootConcurrency: found 4, expected 1: under RestForOne each child needs those before it. Did you mean 1?"
  ],
  ["no child at a time", { ...shop(), bootConcurrency: 0 }, "/shop  bootConcurrency: found 0, expected a whole number from 1 to 100000."],
  ["a boot that is lenient", { ...shop(), boot: "lenient" }, '/shop  boot: found "lenient", expected "strict" or "retry".'],
  [
    "max_restarts",
    { ...shop(), max_restarts: 3, max_seconds: 5 },
    '/shop  max_restarts: unknown key. Did you mean "intensity"?',
    '/shop  max_seconds: unknown key. Did you mean "period"?'
  ],
  [
    "a long text",
    { ...shop(), strategy: "x".repeat(300) },
    `/shop  strategy: found "${"x".repeat(58)}…, expected "OneForOne", "OneForAll" or "RestForOne".`
  ],
  ["a misspelt key", { ...shop(), stratgey: "OneForAll" }, '/shop  stratgey: unknown key. Did you mean "strategy"?'],
  [
    "a key of a worker in a supervisor",
    { ...shop(), cwd: "." },
    "/shop  cwd: unknown key, expected one of id, restart, significant, backoff, needs, logs, shutdown, period, retryAfter, boot, breaker, startGate, intensity, strategy, autoShutdown, bootConcurrency, children or onIntensity."
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
    '/shop/web  successCodes[1]: found 256, expected an exit code from 0 to 255, or a signal such as "SIGTERM".'
  ],
  [
    "one success code",
    shop(worker({ successCodes: 3 })),
    "/shop/web  successCodes: found 3, expected a list of exit codes and signals. Did you mean [3]?"
  ],
  [
    "ready when healthy",
    shop(worker({ ready: "healthy" })),
    '/shop/web  ready: found "healthy", expected "spawned", "exited", line("a pattern"), fd(), notify() or a probe such as http("http://localhost:3000/health").'
  ],
  [
    "ready when completed",
    shop(worker({ ready: "completed" })),
    '/shop/web  ready: found "completed", expected "spawned", "exited", line("a pattern"), fd(), notify() or a probe such as http("http://localhost:3000/health"). Did you mean "exited"?'
  ],
  [
    "ready on an unknown thing",
    shop(worker({ ready: { type: "lines", pattern: "x" } })),
    '/shop/web  ready.type: found "lines", expected "line", "fd", "notify", "http", "tcp", "unix", "exec", "file", "process", "sql" or "log". Did you mean "line"?'
  ],
  [
    "ready on a broken pattern",
    shop(worker({ ready: { type: "line", pattern: "(" } })),
    '/shop/web  ready.pattern: found "(", expected a regular expression (this one: missing closing ), at ().'
  ],
  [
    "ready on no pattern",
    shop(worker({ ready: { type: "line" } })),
    "/shop/web  ready.pattern: found nothing, expected a regular expression as a string."
  ],
  ["ready on stdout", shop(worker({ ready: { type: "fd", fd: 1 } })), "/shop/web  ready.fd: found 1, expected a descriptor from 3 to 255."],
  [
    "health as an address",
    shop(worker({ health: "http://localhost:3000/health" })),
    '/shop/web  health: found "http://localhost:3000/health", expected a probe such as http("http://localhost:3000/health"), or a list of probes. Did you mean http("http://localhost:3000/health")?'
  ],
  [
    "health as a port",
    shop(worker({ health: 5432 })),
    '/shop/web  health: found 5432, expected a probe such as http("http://localhost:3000/health"), or a list of probes. Did you mean tcp(5432)?'
  ],
  [
    "health as a number that is no port",
    shop(worker({ health: 65_536 })),
    '/shop/web  health: found 65536, expected a probe such as http("http://localhost:3000/health"), or a list of probes.'
  ],
  [
    "health as a number below every port",
    shop(worker({ health: -1 })),
    '/shop/web  health: found -1, expected a probe such as http("http://localhost:3000/health"), or a list of probes.'
  ],
  [
    "a status of a port",
    shop(worker({ health: { type: "tcp", port: 80, status: { from: 299, to: 200 } } })),
    "/shop/web  health.status: unknown key, expected one of port, host, timeout, interval, initialDelay, successThreshold, failureThreshold or onFailure."
  ],
  [
    "health as a command",
    shop(worker({ health: "pg_isready -q" })),
    '/shop/web  health: found "pg_isready -q", expected a probe such as http("http://localhost:3000/health"), or a list of probes. Did you mean exec(["pg_isready","-q"])?'
  ],
  [
    "health as an address with a password",
    shop(worker({ health: "postgres://shop:secret@db/shop" })),
    '/shop/web  health: found "postgres://shop:***@db/shop", expected a probe such as http("http://localhost:3000/health"), or a list of probes. Did you mean sql("postgres://shop:***@db/shop")?'
  ],
  [
    "health that is true",
    shop(worker({ health: true })),
    '/shop/web  health: found true, expected a probe such as http("http://localhost:3000/health"), or a list of probes.'
  ],
  [
    "a list of commands as health",
    shop(worker({ health: ["pg_isready -q"] })),
    '/shop/web  health[0]: found "pg_isready -q", expected a probe such as http("http://localhost:3000/health"). Did you mean exec(["pg_isready","-q"])?'
  ],
  [
    "a mistake in the second probe",
    shop(
      worker({
        health: [
          { type: "tcp", port: 1 },
          { type: "tcp", port: "5432" }
        ]
      })
    ),
    '/shop/web  health[1].port: found "5432", expected a port from 1 to 65535. Did you mean 5432?'
  ],
  [
    "a port with its host",
    shop(worker({ health: { type: "tcp", port: "localhost:5432" } })),
    '/shop/web  health.port: found "localhost:5432", expected a port from 1 to 65535. Did you mean 5432, and host: "localhost"?'
  ],
  ["port zero", shop(worker({ health: { type: "tcp", port: 0 } })), "/shop/web  health.port: found 0, expected a port from 1 to 65535."],
  [
    "a URL without its scheme",
    shop(worker({ health: { type: "http", url: "localhost:3000/health" } })),
    '/shop/web  health.url: found "localhost:3000/health", expected an http or https URL such as "http://localhost:3000/health". Did you mean "http://localhost:3000/health"?'
  ],
  [
    "a URL without its host",
    shop(worker({ health: { type: "http", url: "/health" } })),
    '/shop/web  health.url: found "/health", expected an http or https URL such as "http://localhost:3000/health".'
  ],
  [
    "a URL that cannot be read",
    shop(worker({ health: { type: "http", url: "http://[::1" } })),
    '/shop/web  health.url: found "http://[::1", expected an http or https URL such as "http://localhost:3000/health".'
  ],
  [
    "a URL of another protocol",
    shop(worker({ health: { type: "http", url: "ftp://files/" } })),
    '/shop/web  health.url: found "ftp://files/", expected an http or https URL such as "http://localhost:3000/health".'
  ],
  [
    "a port as URL",
    shop(worker({ health: { type: "http", url: 3000 } })),
    '/shop/web  health.url: found 3000, expected an http or https URL such as "http://localhost:3000/health". Did you mean "http://localhost:3000/"?'
  ],
  [
    "another database, without showing its password",
    shop(worker({ health: { type: "sql", url: "mysql://root:secret@db/shop" } })),
    '/shop/web  health.url: found "mysql://root:***@db/shop", expected a postgres URL such as "postgres://shop@localhost:5432/shop".'
  ],
  [
    "a status of the two hundreds",
    shop(worker({ health: { type: "http", url: "http://a/", status: "2xx" } })),
    '/shop/web  health.status: found "2xx", expected a status code from 100 to 599, or a range such as { from: 200, to: 299 }. Did you mean { from: 200, to: 299 }?'
  ],
  [
    "a status that cannot be",
    shop(worker({ health: { type: "http", url: "http://a/", status: 20 } })),
    "/shop/web  health.status: found 20, expected a status code from 100 to 599, or a range such as { from: 200, to: 299 }."
  ],
  [
    "a range of statuses from its end",
    shop(worker({ health: { type: "http", url: "http://a/", status: { from: 300, to: 200 } } })),
    '/shop/web  health.status: found {"from":300,"to":200}, expected a range whose end is not below its start. Did you mean { from: 200, to: 300 }?'
  ],
  [
    "a method in small letters",
    shop(worker({ health: { type: "http", url: "http://a/", method: "get" } })),
    '/shop/web  health.method: found "get", expected "GET", "HEAD", "OPTIONS", "POST" or "PUT". Did you mean "GET"?'
  ],
  [
    "a body that is not asked for",
    shop(worker({ health: { type: "http", url: "http://a/", method: "HEAD", body: "ok" } })),
    '/shop/web  health.body: found "ok", expected no body with the method HEAD: its answer has none.'
  ],
  [
    "a header with a space in its name",
    shop(worker({ health: { type: "http", url: "http://a/", headers: { "X Y": "1" } } })),
    '/shop/web  health.headers: found "X Y", expected a header name, such as "Authorization".'
  ],
  [
    "a header of two lines",
    shop(worker({ health: { type: "http", url: "http://a/", headers: { X: "a\nb" } } })),
    '/shop/web  health.headers.X: found "a\\nb", expected text without line breaks, in Latin-1.'
  ],
  [
    "a probe in the words of Kubernetes",
    shop(worker({ health: { type: "http", url: "http://a/", periodSeconds: 10, timeoutSeconds: 2, initialDelaySeconds: 3 } })),
    '/shop/web  health.periodSeconds: unknown key. Did you mean "interval"?',
    '/shop/web  health.timeoutSeconds: unknown key. Did you mean "timeout"?',
    '/shop/web  health.initialDelaySeconds: unknown key. Did you mean "initialDelay"?'
  ],
  [
    "a probe in the words of Docker",
    shop(worker({ health: { type: "exec", test: ["true"], retries: 3, start_period: "5s" } })),
    '/shop/web  health.test: unknown key. Did you mean "command"?',
    '/shop/web  health.retries: unknown key. Did you mean "failureThreshold"?',
    '/shop/web  health.start_period: unknown key. Did you mean "initialDelay"?'
  ],
  [
    "probes in the words of Kubernetes",
    shop(worker({ livenessProbe: {}, readinessProbe: {} })),
    '/shop/web  livenessProbe: unknown key. Did you mean "health"?',
    '/shop/web  readinessProbe: unknown key. Did you mean "ready"?'
  ],
  [
    "a watchdog in the words of systemd",
    shop(worker({ WatchdogSec: 10 })),
    '/shop/web  WatchdogSec: unknown key. Did you mean "heartbeat"?'
  ],
  [
    "a health check in the words of Docker",
    shop(worker({ healthcheck: {} })),
    '/shop/web  healthcheck: unknown key. Did you mean "health"?'
  ],
  [
    "httpGet",
    shop(worker({ health: { httpGet: { path: "/" }, periodSeconds: 10 } })),
    '/shop/web  health.type: found nothing, expected "http", "tcp", "unix", "exec", "file", "process", "sql" or "log". Did you mean "http"?'
  ],
  [
    "tcpSocket as the type",
    shop(worker({ health: { type: "tcpSocket", port: 80 } })),
    '/shop/web  health.type: found "tcpSocket", expected "http", "tcp", "unix", "exec", "file", "process", "sql" or "log". Did you mean "tcp"?'
  ],
  [
    "a probe without its type",
    shop(worker({ health: { url: "http://a/" } })),
    '/shop/web  health.type: found nothing, expected "http", "tcp", "unix", "exec", "file", "process", "sql" or "log". Did you mean "http"?'
  ],
  [
    "a probe of nothing",
    shop(worker({ health: {} })),
    '/shop/web  health.type: found nothing, expected "http", "tcp", "unix", "exec", "file", "process", "sql" or "log".'
  ],
  [
    "a probe of a command as text",
    shop(worker({ health: { type: "exec", command: "pg_isready -q" } })),
    '/shop/web  health.command: found "pg_isready -q", expected a command and its arguments as a list, such as ["node", "web.js"]. Did you mean ["pg_isready","-q"]?'
  ],
  [
    "a file without its path",
    shop(worker({ health: { type: "file" } })),
    "/shop/web  health.path: found nothing, expected the path of a file."
  ],
  [
    "a heartbeat file that is always too old",
    shop(worker({ health: { type: "file", path: "beat", maxAge: "0s" } })),
    '/shop/web  health.maxAge: found "0s", expected a duration longer than zero. Did you mean "30 seconds"?'
  ],
  [
    "memory in the words of Docker",
    shop(worker({ health: { type: "process", memory: "512m" } })),
    '/shop/web  health.memory: found "512m", expected a size such as "512 MiB". Did you mean "512 MiB"?'
  ],
  [
    "memory as a number",
    shop(worker({ health: { type: "process", memory: 536870912 } })),
    '/shop/web  health.memory: found 536870912, expected a size such as "512 MiB". Did you mean "512 MiB"?'
  ],
  [
    "memory without a number",
    shop(worker({ health: { type: "process", memory: "lots" } })),
    '/shop/web  health.memory: found "lots", expected a size such as "512 MiB".'
  ],
  [
    "no memory",
    shop(worker({ health: { type: "process", memory: "0 B" } })),
    '/shop/web  health.memory: found "0 B", expected a size from "1 B" to "1024 TiB".'
  ],
  [
    "more memory than any machine has",
    shop(worker({ health: { type: "process", memory: "9999999 TiB" } })),
    '/shop/web  health.memory: found "9999999 TiB", expected a size from "1 B" to "1024 TiB".'
  ],
  [
    "processor time in percent",
    shop(worker({ health: { type: "process", cpu: "50%" } })),
    '/shop/web  health.cpu: found "50%", expected a number of cores, from 0.01 to 1024. Did you mean 0.5?'
  ],
  [
    "a log without its age",
    shop(worker({ health: { type: "log", pattern: "ok" } })),
    '/shop/web  health.maxAge: found nothing, expected a duration such as "30 seconds".'
  ],
  [
    "a probe without pause",
    shop(worker({ health: { type: "tcp", port: 1, interval: "0s" } })),
    '/shop/web  health.interval: found "0s", expected a duration longer than zero. Did you mean "10 seconds"?'
  ],
  [
    "no failure allowed",
    shop(worker({ health: { type: "tcp", port: 1, failureThreshold: 0 } })),
    "/shop/web  health.failureThreshold: found 0, expected a whole number from 1 to 1000."
  ],
  [
    "a failure that kills",
    shop(worker({ health: { type: "tcp", port: 1, onFailure: "kill" } })),
    '/shop/web  health.onFailure: found "kill", expected "restart" or "report". Did you mean "restart"?'
  ],
  [
    "a failure of readiness",
    shop(worker({ ready: { type: "tcp", port: 1, onFailure: "report" } })),
    "/shop/web  ready.onFailure: unknown key, expected one of port, host, timeout, interval, initialDelay, successThreshold or failureThreshold."
  ],
  [
    "ready as an address",
    shop(worker({ ready: "http://localhost:3000/" })),
    '/shop/web  ready: found "http://localhost:3000/", expected "spawned", "exited", line("a pattern"), fd(), notify() or a probe such as http("http://localhost:3000/health"). Did you mean http("http://localhost:3000/")?'
  ],
  [
    "a heartbeat as a duration",
    shop(worker({ heartbeat: "1s" })),
    '/shop/web  heartbeat: found "1s", expected a heartbeat such as { every: "1 second" }. Did you mean { every: "1s" }?'
  ],
  [
    "a heartbeat without an interval",
    shop(worker({ heartbeat: {} })),
    '/shop/web  heartbeat.every: found nothing, expected a duration such as "1 second".'
  ],
  [
    "a heartbeat without pause",
    shop(worker({ heartbeat: { every: "0s" } })),
    '/shop/web  heartbeat.every: found "0s", expected a duration longer than zero. Did you mean "1 second"?'
  ],
  [
    "a heartbeat of sd_notify",
    shop(worker({ heartbeat: { every: "1s", from: "sd_notify" } })),
    '/shop/web  heartbeat.from: found "sd_notify", expected "fd", "notify", line("a pattern"), file("a path"), or a check such as http("http://localhost:3000/health"). Did you mean "notify"?'
  ],
  [
    "a heartbeat on a numbered descriptor",
    shop(worker({ heartbeat: { every: "1s", from: { type: "fd" } } })),
    '/shop/web  heartbeat.from: found {"type":"fd"}, expected "fd", "notify", line("a pattern"), file("a path"), or a check such as http("http://localhost:3000/health"). Did you mean "fd"?'
  ],
  [
    "a heartbeat of a check that cannot beat",
    shop(worker({ heartbeat: { every: "1s", from: { type: "process" } } })),
    '/shop/web  heartbeat.from.type: found "process", expected "line", "file", "http", "tcp", "unix", "exec" or "sql".'
  ],
  [
    "a heartbeat with an interval of its own",
    shop(worker({ heartbeat: { every: "1s", from: { type: "http", url: "http://a/", interval: "1s" } } })),
    "/shop/web  heartbeat.from.interval: unknown key, expected one of url, method, headers, status, body, insecure, socket or timeout."
  ],
  [
    "a conviction before any suspicion",
    shop(worker({ heartbeat: { every: "1s", suspect: 8, convict: 3 } })),
    "/shop/web  heartbeat.convict: found 3, expected a phi above suspect, 8: suspicion comes before conviction."
  ],
  [
    "a suspicion after the usual conviction",
    shop(worker({ heartbeat: { every: "1s", suspect: 9 } })),
    "/shop/web  heartbeat.suspect: found 9, expected a phi below convict, 8: suspicion comes before conviction."
  ],
  [
    "a suspicion of everything",
    shop(worker({ heartbeat: { every: "1s", suspect: 0 } })),
    "/shop/web  heartbeat.suspect: found 0, expected a phi from 0.1 to 300."
  ],
  [
    "a heartbeat that always hangs",
    shop(worker({ heartbeat: { every: "1 minute", hangAfter: "30s" } })),
    '/shop/web  heartbeat.hangAfter: found "30s", expected a time longer than every: otherwise a beat on time would be too late.'
  ],
  [
    "a heartbeat of an unknown model",
    shop(worker({ heartbeat: { every: "1s", model: "gamma" } })),
    '/shop/web  heartbeat.model: found "gamma", expected "hybrid", "normal" or "exponential".'
  ],
  [
    "a threshold in the words of Akka",
    shop(worker({ heartbeat: { every: "1s", threshold: 8 } })),
    '/shop/web  heartbeat.threshold: unknown key. Did you mean "convict"?'
  ],
  [
    "running without its parentheses",
    shop(worker({ health: function running() {} })),
    "/shop/web  health: found a function (running), expected plain data. Did you mean running()?"
  ],
  [
    "ready when exited, forever",
    shop(worker({ ready: "exited" })),
    '/shop/web  ready: found "exited", expected another readiness, unless restart is "transient" or "temporary": a permanent worker is restarted when it has exited.'
  ],
  [
    "significant and permanent",
    { ...shop(worker({ significant: true })), autoShutdown: "anySignificant" },
    '/shop/web  significant: found true, expected false, unless restart is "transient" or "temporary": a permanent child never ends for good.'
  ],
  [
    "significant without autoShutdown",
    shop(worker({ significant: true, restart: "transient" })),
    '/shop/web  significant: found true, expected false, unless autoShutdown of its supervisor is "anySignificant" or "allSignificant".'
  ],
  [
    "a significant root",
    { ...shop(), significant: true, restart: "transient" },
    "/shop  significant: found true, expected false: the root has no supervisor to shut down."
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
    '/shop/web  backoff: found "exponential", expected constant({ delay: "1 second" }), linear(), exponential() or adaptive(). Did you mean exponential()?'
  ],
  [
    "a backoff of an unknown kind",
    shop(worker({ backoff: { type: "exponentail" } })),
    '/shop/web  backoff.type: found "exponentail", expected "constant", "linear", "exponential" or "adaptive". Did you mean "exponential"?'
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
    "a breaker that is just wanted",
    { ...shop(), breaker: true },
    "/shop  breaker: found true, expected breaker(). Did you mean breaker()?"
  ],
  ["a breaker by number", { ...shop(), breaker: 5 }, "/shop  breaker: found 5, expected breaker(). Did you mean breaker({ failures: 5 })?"],
  [
    "a breaker for one child",
    { ...shop(), breaker: { failures: 1 } },
    "/shop  breaker.failures: found 1, expected a number of children, 2 or more."
  ],
  ["a breaker for more than all", { ...shop(), breaker: { share: 50 } }, "/shop  breaker.share: found 50, expected a number from 0 to 1."],
  [
    "a breaker without a window",
    { ...shop(), breaker: { within: "0s" } },
    '/shop  breaker.within: found "0s", expected a duration longer than zero. Did you mean "10 seconds"?'
  ],
  [
    "a breaker in the words of others",
    { ...shop(), breaker: { failures: 5, window: "10s" } },
    '/shop  breaker.window: unknown key. Did you mean "within"?'
  ],
  [
    "a breaker under OneForAll",
    { ...shop(), strategy: "OneForAll", breaker: {} },
    "/shop  breaker: found {}, expected nothing: under OneForAll children that fail together are restarted together anyway."
  ],
  [
    "a breaker around one worker",
    shop(worker({ breaker: {} })),
    "/shop/web  breaker: unknown key, expected one of id, restart, significant, backoff, needs, logs, shutdown, start, cwd, env, stopSignal, stopTo, successCodes, stdin, ready, health, heartbeat or startTimeout."
  ],
  [
    "a start gate as a rate",
    { ...shop(), startGate: 20 },
    "/shop  startGate: found 20, expected { rate: 10, burst: 20 }. Did you mean { rate: 20 }?"
  ],
  [
    "a start gate that lets nothing through",
    { ...shop(), startGate: { rate: 0 } },
    "/shop  startGate.rate: found 0, expected a number of starts per second, more than 0."
  ],
  [
    "a start gate without a burst",
    { ...shop(), startGate: { rate: 5, burst: 0 } },
    "/shop  startGate.burst: found 0, expected a number of starts from 1 to 1000000."
  ],
  [
    "a start gate below the root",
    shop({ ...shop(), id: "east", startGate: { rate: 5 } }),
    '/shop/east  startGate: found {"rate":5}, expected nothing: there is one start gate for the whole tree, at its root.'
  ],
  [
    "a start gate of a pool below the root",
    shop(pool({ startGate: { rate: 5 } })),
    '/shop/jobs  startGate: found {"rate":5}, expected nothing: there is one start gate for the whole tree, at its root.'
  ],
  [
    "needs as text",
    shop(db, worker({ needs: "db" })),
    '/shop/web  needs: found "db", expected a list of ids, such as ["db"]. Did you mean ["db"]?'
  ],
  [
    "needs a misspelt sibling",
    shop(db, worker({ needs: ["bd"] })),
    '/shop/web  needs[0]: found "bd", expected a sibling before it in the list: db. Did you mean "db"?'
  ],
  [
    "needs a sibling with a slip in its id",
    shop(worker({ id: "database" }), worker({ needs: ["databse"] })),
    '/shop/web  needs[0]: found "databse", expected a sibling before it in the list: database. Did you mean "database"?'
  ],
  [
    "needs a sibling that comes later",
    shop(worker({ needs: ["db"] }), db),
    '/shop/web  needs[0]: found "db", expected a sibling before it in the list: children[1] comes later.'
  ],
  [
    "needs itself",
    shop(worker({ needs: ["web"] })),
    '/shop/web  needs[0]: found "web", expected a sibling: a child cannot wait for itself.'
  ],
  [
    "needs a sibling twice",
    shop(db, worker({ needs: ["db", "db"] })),
    '/shop/web  needs[1]: found "db", expected each sibling at most once.'
  ],
  [
    "needs under a misspelt strategy",
    { ...shop(db, worker({ needs: ["db"] })), strategy: "one_for_one" },
    '/shop  strategy: found "one_for_one", expected "OneForOne", "OneForAll" or "RestForOne". Did you mean "OneForOne"?'
  ],
  [
    "a breaker under a misspelt strategy",
    { ...shop(), strategy: "one_for_one", breaker: {} },
    '/shop  strategy: found "one_for_one", expected "OneForOne", "OneForAll" or "RestForOne". Did you mean "OneForOne"?'
  ],
  [
    "needs under RestForOne",
    { ...shop(db, worker({ needs: ["db"] })), strategy: "RestForOne" },
    '/shop/web  needs: found ["db"], expected nothing: under RestForOne the order of the list says what depends on what.'
  ],
  ["needs of the root", { ...shop(), needs: ["db"] }, '/shop  needs: found ["db"], expected nothing: the root has no siblings.'],
  [
    "needs of an instance",
    pool({ child: worker({ needs: ["db"] }) }),
    '/jobs  child.needs: found ["db"], expected nothing: the instances of a pool have no named siblings.'
  ],
  [
    "an adaptive backoff that shrinks",
    shop(worker({ backoff: { type: "adaptive", min: "1m", max: "1s" } })),
    '/shop/web  backoff: found {"type":"adaptive","min":"1m","max":"1s"}, expected a min that is not longer than its max.'
  ],
  [
    "an adaptive backoff that forgets at once",
    shop(worker({ backoff: { type: "adaptive", halfLife: "0s" } })),
    '/shop/web  backoff.halfLife: found "0s", expected a duration longer than zero. Did you mean "30 seconds"?'
  ],
  [
    "an adaptive backoff that does not grow",
    shop(worker({ backoff: { type: "adaptive", factor: 1 } })),
    "/shop/web  backoff.factor: found 1, expected a number from 1.01 to 100."
  ],
  [
    "an adaptive backoff with a cap",
    shop(worker({ backoff: { type: "adaptive", cap: "1m" } })),
    '/shop/web  backoff.cap: unknown key. Did you mean "max"?'
  ],
  [
    "an adaptive backoff with negative pressure",
    shop(worker({ backoff: { type: "adaptive", pressure: -1 } })),
    "/shop/web  backoff.pressure: found -1, expected a number from 0 to 100."
  ],
  [
    "an adaptive backoff by another name",
    shop(worker({ backoff: "adaptive" })),
    '/shop/web  backoff: found "adaptive", expected constant({ delay: "1 second" }), linear(), exponential() or adaptive(). Did you mean adaptive()?'
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
    '/shop  ["a/b"]: unknown key, expected one of id, restart, significant, backoff, needs, logs, shutdown, period, retryAfter, boot, breaker, startGate, intensity, strategy, autoShutdown, bootConcurrency, children or onIntensity.'
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
  ["a hundred levels", levels(60), `${pathTo(60, 11)}/children[0]: found deeper nesting, expected at most 100 levels.`],
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
