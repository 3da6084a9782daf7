/**
 * The picture in the README is drawn from a screen: every character in its cell, in its colour, and lines that meet.
 */
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { expect, it } from "vitest"
import { svgOf } from "./svg.ts"

const drawn = (...screen: ReadonlyArray<string>) => svgOf(screen, { columns: 20, title: "a & b" })
const texts = (picture: string) => picture.split("\n").filter((line) => line.startsWith("<text x") && line.includes("textLength"))

it("puts words into their cells, with their styles", () => {
  expect(texts(drawn("a \x1b[1mb\x1b[0m  \x1b[32mc <d>\x1b[39m"))).toEqual([
    '<text x="16" y="47" textLength="7.8">a</text>',
    '<text x="31.6" y="47" textLength="7.8" class="b">b</text>',
    '<text x="55" y="47" textLength="39" class="c2">c &lt;d&gt;</text>'
  ])
})

it("continues a style in the next line", () => {
  expect(texts(drawn("\x1b[2ma", "b\x1b[22m c"))).toEqual([
    '<text x="16" y="47" textLength="7.8" class="d">a</text>',
    '<text x="16" y="64" textLength="7.8" class="d">b</text>',
    '<text x="31.6" y="64" textLength="7.8">c</text>'
  ])
})

it("draws the lines of the tree from cell to cell", () => {
  const [, path] = /<path d="([^"]*)"/.exec(drawn("├─", "│", "└─"))!
  expect(path).toBe("M19.9 34v17M19.9 42.5h3.9M23.8 42.5h7.8M19.9 51v17M19.9 68v8.5M19.9 76.5h3.9M23.8 76.5h7.8")
})

it("reports what it cannot draw", () => {
  expect(() => drawn("\x1b[7mx")).toThrow("The picture knows no look number 7.")
})

it("has drawn docs/live.svg, small enough for a page", () => {
  const picture = readFileSync(resolve(import.meta.dirname, "../../docs/live.svg"), "utf8")
  expect(picture.length).toBeLessThan(30_000)
  expect(picture).toMatch(/>(?:waiting|backoff)</)
})
