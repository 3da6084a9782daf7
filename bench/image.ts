/**
 * What the image of a tree costs: `node bench/image.ts` prints the time to take it, to write it, and to read and
 * restore it, for pools of workers.
 */
import { imageLines, readImage } from "../src/codec/image.ts"
import { image, restore } from "../src/core/Image.ts"
import { make, step } from "../src/core/Machine.ts"
import { pool, worker } from "../src/tree/constructors.ts"
import { decodeTreeOrThrow } from "../src/tree/decode.ts"
import { median } from "./figures.ts"

const ROUNDS = 9

const time = <A>(what: () => A): readonly [A, number] => {
  const begin = performance.now()
  const value = what()
  return [value, performance.now() - begin]
}

for (const size of [100, 1_000, 10_000]) {
  const tree = decodeTreeOrThrow(pool({ id: "pool", size, intensity: 1_000_000, child: worker({ id: "leaf", start: ["true"] }) }))
  const state = make(tree, 1)
  step(state, { _tag: "Boot" }, 0)
  for (let n = 1; n <= size; n++) {
    step(state, { _tag: "Ready", path: `/pool/${n}`, incarnation: 1 }, 1)
    step(state, { _tag: "Exited", path: `/pool/${n}`, incarnation: 1, exit: { _tag: "Code", code: 1 } }, 2)
  }
  const [taking, writing, restoring]: [Array<number>, Array<number>, Array<number>] = [[], [], []]
  let longest = 0
  for (let round = 0; round < ROUNDS; round++) {
    const [taken, tookMs] = time(() => image(state))
    const lines: Array<string> = []
    const [, wroteMs] = time(() => {
      const writer = imageLines(taken)
      for (;;) {
        const [line, ms] = time(() => writer.next())
        if (line.done) break
        if (round > 0) longest = Math.max(longest, ms)
        lines.push(line.value)
      }
    })
    const [, restoredMs] = time(() => restore(tree, readImage(lines)!))
    taking.push(tookMs)
    writing.push(wroteMs)
    restoring.push(restoredMs)
  }
  const [take, write, back] = [median(taking), median(writing), median(restoring)]
  const us = (ms: number): string => ((ms * 1000) / size).toFixed(1)
  console.log(
    `${String(size).padStart(6)} children: taken in ${take.toFixed(1)} ms at once, ${us(take)} µs each; written ${us(write)} µs each, ` +
      `longest line ${longest.toFixed(2)} ms; read and restored ${us(back)} µs each`
  )
}
