/** For tests of running trees: tiny processes, and ways to wait for their states. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type ChildSpec, type Control, constant, type Node, type SupervisorSpec, supervisor, type WorkerSpec, worker } from "supervise"
import { it } from "vitest"
import { rootId, rootPath } from "./processes.ts"

/** A test in Effect. Its scope is closed also if it fails or times out. */
export const story = (name: string, tell: Effect.Effect<unknown, unknown, Scope.Scope>, timeout?: number): void =>
  it(name, { ...(timeout === undefined ? {} : { timeout }) }, async ({ signal }) => {
    const exit = await Effect.runPromiseExit(Effect.scoped(tell), { signal })
    if (exit._tag === "Failure") throw Cause.squash(exit.cause)
  })

export const soon = constant({ delay: "10ms", jitter: 0 })

type Some<T> = Partial<Omit<T, "type" | "id">>

/**
 * It escalates, as in OTP, unless told otherwise: most tests are about what a supervisor does, and not about one that
 * is the root.
 */
export const root = (children: ReadonlyArray<ChildSpec>, more: Some<SupervisorSpec> = {}): SupervisorSpec =>
  supervisor({ id: rootId, intensity: 1000, onIntensity: "escalate", ...more, children })

/** One process, and nothing else. */
export const sleeper = (id: string, more: Some<WorkerSpec> = {}): WorkerSpec =>
  worker({ id, start: ["sleep", "1000"], backoff: soon, ...more })

export const shell = (id: string, script: string, more: Some<WorkerSpec> = {}): WorkerSpec =>
  worker({ id, start: ["sh", "-c", script], backoff: soon, ...more })

export const at = (...ids: ReadonlyArray<string>): string => [rootPath, ...ids].join("/")

type Running = Control["Service"]

/** Waits until the node at this path is as described. */
export const when = (control: Running, path: string, such: (node: Node) => boolean): Effect.Effect<Node> =>
  control.changes.pipe(
    Stream.filter((change) => change.path === path && change.node !== undefined && such(change.node)),
    Stream.runHead,
    Effect.map((change) => Option.getOrThrow(change).node!)
  )

/** Waits until it is up as this incarnation, or a later one. */
export const upAs = (control: Running, path: string, incarnation: number): Effect.Effect<Node> =>
  when(
    control,
    path,
    (node) => node.phase === "up" && node.incarnation >= incarnation && (node.type !== "worker" || node.pid !== undefined)
  )

/** Every node, the root first. */
export const nodes = (control: Running): Effect.Effect<ReadonlyArray<Node>> => Effect.map(control.snapshot, ({ root }) => flatten(root))

export const flatten = (node: Node): ReadonlyArray<Node> => [node, ...(node.children ?? []).flatMap(flatten)]

export const node = (control: Running, path: string): Effect.Effect<Node> =>
  Effect.flatMap(nodes(control), (all) => {
    const found = all.find((one) => one.path === path)
    return found === undefined ? Effect.die(new Error(`There is no ${path}`)) : Effect.succeed(found)
  })

/** `a up 1`: id, phase and incarnation of each node below the root, in order. */
export const outline = (control: Running): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(nodes(control), (all) =>
    all.slice(1).map(({ path, phase, incarnation }) => `${path.slice(rootPath.length + 1)} ${phase} ${incarnation}`)
  )

/** The message of the error. */
export const sentence = <E extends { readonly message: string }>(effect: Effect.Effect<unknown, E>): Effect.Effect<string, unknown> =>
  Effect.map(Effect.flip(effect), ({ message }) => message)
