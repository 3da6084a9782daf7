/**
 * What each field of a tree means, for the editor of a `tree.json`: in a sentence, with its default. Units are added
 * where the JSON Schema is made.
 */
import type { BackoffSpec, BreakerSpec, StartGateSpec } from "../Pacing.ts"
import type * as Probe from "../Probe.ts"
import type * as Spec from "../Spec.ts"

type Meanings<T> = { readonly [Field in keyof Required<T>]: string }
type Kind<T, Type> = Extract<T, { readonly type: Type }>

const child: Meanings<Omit<Spec.ChildSpecCommon, "shutdown">> = {
  id: "Its name among its siblings, and the last part of its path: a letter, then letters, digits, _ and -.",
  restart: "Whether it is restarted when it has ended: always, only after an abnormal exit, or never. Default permanent.",
  significant: "Whether its end may end its supervisor, see autoShutdown. Needs transient or temporary. Default false.",
  backoff:
    "How long to wait before a restart. Default exponential: 100 ms, doubling up to 30 s, jitter 0.2, forgotten after 30 s of uptime.",
  needs: "Ids of siblings before it that it cannot work without, under OneForOne: it starts when they are ready. Default [].",
  logs:
    "Whether what it prints, or what all below it print, is written to files in the state directory, and how; needs the keeper. " +
    "Default true where there are both, otherwise false."
}

const logs: Meanings<Spec.LogsSpec> = {
  size: 'A file that would become larger is rotated. Default "10 MiB".',
  keep: "How many files there are at most, with the one that is written. Default 5.",
  total: "How large all files may be together. Default no limit but keep.",
  maxAge: "How old the first line of a file may be before the file is rotated. Default any age.",
  whenFull:
    "What happens while the log cannot be written. block: its output is not read, so it waits when its pipe is full; " +
    "drop: its lines are counted. Default block.",
  compress: "Whether files that are no longer written are compressed. Default true."
}

const worker: Meanings<Spec.WorkerSpec> = {
  type: "One operating-system process.",
  ...child,
  shutdown: 'How long it may take to stop before it is killed; brutalKill: no time; infinity: any time. Default "5 seconds".',
  start: "The command, as a list: the program, found in PATH or by its path, and its arguments. No shell is involved.",
  cwd: 'The folder in which it runs, relative to the folder of the tree file. Default ".".',
  env: "Variables, merged over the environment of the supervisor; null removes one. Default {}.",
  stopSignal: "The signal that asks it to stop. Default SIGTERM.",
  stopTo:
    "Who gets the signal: the process group, or only its leader, the first process; then what is left when that has ended is killed. " +
    "Default group.",
  successCodes: "The exit codes and signals that are a normal end. Default [0].",
  stdin: "What it reads. null: its input is at an end; pipe: it stays open, and nobody writes to it. Default null.",
  ready:
    "When it counts as ready, so that the next child may start: spawned, as soon as it runs; exited, when it has succeeded; " +
    "a line of its output; a newline on a descriptor; or a check. Default spawned.",
  startTimeout: "How long it may take to become ready. Default infinity for spawned and exited, otherwise 30 seconds.",
  health: "One check or several, made while it is ready. Default [].",
  heartbeat: "It has to show this often that it is alive. Default none."
}

const limits: Meanings<Omit<Spec.LimitsSpec, keyof Spec.ChildSpecCommon>> & Pick<Meanings<Spec.LimitsSpec>, "shutdown"> = {
  shutdown: "How long it may take to stop with its children before all are killed; brutalKill: no time. Default infinity.",
  intensity: "How many restarts are allowed in any period; one more exceeds the limit. Default 5.",
  period: 'The time that intensity refers to. Default "30 seconds".',
  onIntensity:
    "What happens above the limit. escalate: it gives up and ends, for its parent normally. failChild: restarts are counted per child, " +
    "and the child is left alone for retryAfter. Default escalate; at a root that is OneForOne or a pool failChild.",
  retryAfter: 'With failChild: how long a failed child is left alone before it is tried again, doubling up to 1 hour. Default "1 minute".',
  boot: "What happens when a child cannot start at boot. strict: its supervisor fails; retry: it is restarted, as after boot. Default strict.",
  breaker: "What happens when many children fail together, under OneForOne and in a pool. Default none.",
  startGate: "At the root: how fast processes are started in the whole tree. Default none."
}

const supervisor: Meanings<Spec.SupervisorSpec> = {
  type: "Children in an order, and what to do when one of them fails.",
  ...child,
  ...limits,
  strategy:
    "What is restarted when a child fails. OneForOne: that child; RestForOne: it and those after it; OneForAll: all. Default OneForOne.",
  autoShutdown: "Whether it ends when any of its significant children has ended, or all of them. Default never.",
  bootConcurrency: "How many children may be starting at once at boot, under OneForOne; then needs is their only order. Default 1.",
  children: "Its children: they start first to last, each when the one before is ready, and stop last to first."
}

const pool: Meanings<Spec.PoolSpec> = {
  type: "A number of instances of one template, without order.",
  ...child,
  ...limits,
  intensity:
    "How many restarts are allowed in any period; one more exceeds the limit. Default 5; with escalate the larger of 5 and 2 × size.",
  size: "How many instances start at boot.",
  max: "How many instances there may be at once. Default 10000.",
  child: "The template of every instance; their paths end in numbers."
}

// ---------------------------------------------------------------- pacing

const counted = {
  jitter: "The share of a wait that chance may take off, from 0 to 1. Default 0.2.",
  forgetAfter: 'After this much uptime, waits begin anew. Default "30 seconds".'
}
const growing = { initial: 'The first wait. Default "100 millis".', cap: 'The longest wait. Default "30 seconds".' }

const constant: Meanings<Kind<BackoffSpec, "constant">> = { type: "Every wait is the same.", delay: "The wait.", ...counted }
const linear: Meanings<Kind<BackoffSpec, "linear">> = {
  type: "Each wait is longer by the same time.",
  ...growing,
  step: "How much longer each wait is than the one before. Default as initial.",
  ...counted
}
const exponential: Meanings<Kind<BackoffSpec, "exponential">> = {
  type: "Each wait is a multiple of the one before.",
  ...growing,
  factor: "How many times as long each wait is as the one before. Default 2.",
  ...counted
}
const adaptive: Meanings<Kind<BackoffSpec, "adaptive">> = {
  type: "Waits grow with failures and shrink with uptime.",
  min: 'The shortest wait. Default "100 millis".',
  max: 'The longest wait. Default "1 minute".',
  factor: "By how much each further failure multiplies the wait. Default 2.",
  halfLife: 'The uptime that halves the score of failures. Default "30 seconds".',
  jitter: "The share of a wait that chance may take off, from 0 to 1. Default 0.5.",
  pressure: "How much longer to wait on a machine that is short of CPU or memory, as a share. Default 1, which doubles the wait.",
  startRate: "If several siblings fail in the same second, at most this many start per second. Default 10."
}

const breaker: Meanings<BreakerSpec> = {
  failures: "It opens when this many different children have failed. Default 5.",
  share: "And at least this share of all children, from 0 to 1. Default 0.5.",
  within: 'And all that within this time. Default "10 seconds".',
  probeEvery: 'The longest time from one probe to the next. Default "5 seconds".',
  stable: 'It closes when a probe has been up for this long. Default "2 seconds".',
  release: 'Then the others start within this time, spread evenly. Default "5 seconds".',
  giveUpAfter: 'After this time each failed probe is counted as a restart. Default "1 minute".'
}
const startGate: Meanings<StartGateSpec> = {
  rate: "Starts per second in the long run. Default 10.",
  burst: "How many may start at once after a pause. Default 10.",
  starting: "How many may be starting and not yet ready at once. Default 1000000, which is no limit."
}

// ---------------------------------------------------------------- checks

const probe: Meanings<Probe.TimetableSpec & Probe.CheckSpecCommon> = {
  timeout: 'Without an answer within this time it has failed. Default "1 second".',
  interval: 'From the start of one check to the start of the next. Default "10 seconds"; for ready "500 millis".',
  initialDelay: 'Before the first check: from the start of the process, for health from readiness. Default "0 seconds".',
  successThreshold: "How many successes in a row make it well. Default 1.",
  failureThreshold: "How many failures in a row make it unwell. For ready a failure only means: not ready yet. Default 3.",
  onFailure: "What happens when it is unwell. restart: it is stopped, and has failed; report: it is only shown. Default restart."
}
const http: Meanings<Probe.HttpCheckSpec> = {
  type: "An HTTP request is answered with the right status. Redirects are not followed.",
  url: "Where to ask: an http or https URL. A name and a password in it are sent as basic authentication.",
  method: "The method of the request. Default GET.",
  headers: "Headers of the request. Default {}.",
  status: "The accepted status: one code, or a range. Default 200 to 399.",
  body: "A regular expression that the first 64 KiB of the body must match. Default none.",
  insecure: "Whether any certificate is accepted. Default false.",
  socket: "Ask on this unix socket instead of the URL's host, relative to the worker's cwd. Default none.",
  timeout: probe.timeout
}
const status = { from: "The lowest accepted status code.", to: "The highest accepted status code." }
const tcp: Meanings<Probe.TcpCheckSpec> = {
  type: "A TCP connection is accepted.",
  port: "The port, from 1 to 65535.",
  host: 'The host. Default "127.0.0.1".',
  timeout: probe.timeout
}
const unix: Meanings<Probe.UnixCheckSpec> = {
  type: "A connection to a unix socket is accepted, and answered as expected.",
  path: "The socket, relative to the worker's cwd.",
  send: "What to send first, exactly as written. Default nothing.",
  expect: "A regular expression that the first 4 KiB of the answer must match. Default none.",
  timeout: probe.timeout
}
const exec: Meanings<Probe.ExecCheckSpec> = {
  type: "A command succeeds. It runs in the worker's cwd and with its env, and has its pid in SUPERVISE_PID.",
  command: "The command, as a list: the program and its arguments. No shell is involved.",
  codes: "The exit codes that are a success. Default [0].",
  timeout: probe.timeout
}
const file: Meanings<Probe.FileCheckSpec> = {
  type: "A file exists and is new enough; as a heartbeat: it changes.",
  path: "The file, relative to the worker's cwd.",
  maxAge: "How long ago it may have been written. Default any time.",
  timeout: probe.timeout
}
const process: Meanings<Probe.ProcessCheckSpec> = {
  type: "The worker's process exists and keeps within limits.",
  memory: "The most physical memory it may use. Default no limit.",
  cpu: "The most CPU it may use, in cores, on average from one check to the next. Default no limit.",
  timeout: probe.timeout
}
const sql: Meanings<Probe.SqlCheckSpec> = {
  type: "PostgreSQL answers a query. Needs the package pg.",
  url: "The database: a postgres or postgresql URL.",
  query: 'The query. Default "select 1".',
  timeout: probe.timeout
}
const log: Meanings<Probe.LogCheckSpec> = {
  type: "A line of the worker's output has matched lately.",
  pattern: "A regular expression for the line.",
  maxAge: "How long ago the last such line may have come.",
  timeout: probe.timeout
}
const line: Meanings<Spec.LineSpec> = { type: "A line on stdout matches.", pattern: "A regular expression for the line." }
const fd: Meanings<Spec.FdSpec> = {
  type: "It writes a newline to a descriptor, whose number it finds in SUPERVISE_FD.",
  fd: "The number of the descriptor, from 3. Default 3."
}
const notify: Meanings<Spec.NotifySpec> = { type: "It says READY=1 by sd_notify. Needs the keeper." }

const heartbeat: Meanings<Probe.HeartbeatSpec> = {
  every: "How often it intends to beat. A check is made as often.",
  from: "Where its beats come from: lines on its own descriptor, WATCHDOG=1 by sd_notify, lines on stdout, changes of a file, or a check. Default fd.",
  model: "The assumed distribution of silences. Default hybrid.",
  suspect: "From this phi on it is a suspect, which is only shown. Default 3.",
  convict: "From this phi on it is convicted: it has failed. Default 8.",
  grace: 'A pause that is normal even if none was seen yet. Default "500 millis".',
  hangAfter: "A longer silence is a failure, whatever phi is. Default the longer of 30 seconds and 10 × every.",
  startupGrace: "How long the first beat may take, from readiness. Default as hangAfter."
}

/** By the `type` of an object or, if it has none, by the field that holds it. */
export const meanings: { readonly [kind: string]: { readonly [field: string]: string } } = {
  ...{ worker, supervisor, pool, logs, constant, linear, exponential, adaptive, breaker, startGate },
  ...{ http, status, tcp, unix, exec, file, process, sql, log, line, fd, notify, heartbeat }
}
/** Of the timetable that every kind of check may have. */
export const timetable: { readonly [field: string]: string } = probe
