/**
 * Writes the corpus of the fuzzer: `node test/keeper/seeds.ts FOLDER`. Each file is what a brain may send, in pieces as
 * fuzz.c reads them.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { frame, NO_LEAF, specPayload, words } from "./frames.ts"

const folder = process.argv[2] ?? "test/keeper/corpus"
const LONGEST_PIECE = 0xbf
const END_OF_ONE = Buffer.from([0xf1])

const hello = frame(1, Buffer.concat([words(0x5045454b, 0x0001_0001, 0, 0), words(0, 0)]))
const env = frame(2, Buffer.from("PATH=/bin\0HOME=/\0"))
const ping = frame(12, Buffer.alloc(8))
const spawn = (leaf: number, incarnation: number, after = NO_LEAF, afterIncarnation = 0): Buffer =>
  frame(4, words(leaf, incarnation, after, afterIncarnation))
const lease = (kind: number, value: number, prefix: string): Buffer =>
  frame(9, Buffer.concat([words(kind, 0, value, 0), Buffer.from(`${prefix}\0`)]))

const all = {
  path: "/root/a",
  cwd: "/tmp",
  log: "/tmp/log",
  cgroup: "",
  argv: ["sh", "-c", "true"],
  env: ["A=1", "PATH"],
  beatMs: 100,
  flags: 7,
  logSize: 100
}

const seeds: { readonly [name: string]: ReadonlyArray<Buffer> } = {
  start: [hello, env, frame(3, specPayload(all)), spawn(0, 1), END_OF_ONE, frame(7, words(9, 0)), ping],
  again: [
    hello,
    frame(3, specPayload(all)),
    spawn(0, 1),
    spawn(0, 1),
    spawn(0, 2),
    frame(3, specPayload({ ...all, flags: 0 })),
    END_OF_ONE
  ],
  chain: [
    hello,
    ...[0, 1, 2].map((leaf) => frame(3, specPayload({ ...all, leaf, path: `/root/${leaf}` }))),
    spawn(0, 1),
    spawn(1, 1, 0, 1),
    spawn(2, 1, 1, 1)
  ],
  stop: [
    hello,
    frame(3, specPayload(all)),
    spawn(0, 1),
    frame(5, words(0, 1, 0xfffffffd, 0)),
    frame(5, words(0, 1, 100, 0)),
    frame(5, words(0, 1, 0xfffffffe, 0)),
    END_OF_ONE
  ],
  signal: [
    hello,
    frame(3, specPayload(all)),
    spawn(0, 1),
    frame(6, words(0, 1, 0x0001_000f, 77)),
    frame(8, words(0, 1)),
    frame(13, words(0)),
    END_OF_ONE
  ],
  lease: [
    hello,
    frame(3, specPayload(all)),
    lease(1, 10, "/root"),
    lease(3, 1, "/root/a"),
    lease(2, 0, ""),
    spawn(0, 1),
    lease(255, 0, "/root"),
    lease(255, 0, "")
  ],
  notify: [hello, frame(3, specPayload({ ...all, ready: 3, beat: 2 })), spawn(0, 1), frame(10, Buffer.alloc(0)), END_OF_ONE],
  descriptor: [
    hello,
    frame(3, specPayload({ ...all, ready: 2, beat: 1, fd: 9, stdin: "pipe", drop: true })),
    spawn(0, 1),
    frame(11, Buffer.alloc(0)),
    END_OF_ONE
  ]
}

function pieces(bytes: Buffer): Buffer {
  if (bytes === END_OF_ONE) return bytes
  const parts: Array<Buffer> = []
  for (let at = 0; at < bytes.length; at += LONGEST_PIECE) {
    const piece = bytes.subarray(at, at + LONGEST_PIECE)
    parts.push(Buffer.from([piece.length]), piece)
  }
  return Buffer.concat(parts)
}

mkdirSync(folder, { recursive: true })
for (const [name, frames] of Object.entries(seeds)) writeFileSync(join(folder, name), Buffer.concat(frames.map(pieces)))
