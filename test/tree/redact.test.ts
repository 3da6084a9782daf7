import { expect, it } from "vitest"
import { shownUrl, withoutPasswords } from "../../src/tree/redact.ts"

it.each([
  ["postgres://shop:secret@db/shop", "postgres://shop:***@db/shop"],
  ["postgres://shop:se@cr:et@db/shop", "postgres://shop:***@db/shop"],
  ["postgres://:secret@db", "postgres://:***@db"],
  ["see http://a:b@c/ and http://d:e@f/", "see http://a:***@c/ and http://d:***@f/"],
  ["http://localhost:3000/a@b", "http://localhost:3000/a@b"],
  ["postgres://shop@db/shop", "postgres://shop@db/shop"],
  ["https://ghp_0123456789abcdefghij@git.example/a", "https://***@git.example/a"],
  ["https://ghp_0123456789abcdefghij:x-oauth-basic@git.example/a", "https://***:***@git.example/a"]
])("%s is shown as %s", (text, shown) => {
  expect(withoutPasswords(text)).toBe(shown)
})

it.each([
  ["http://localhost/health?token=secret", "http://localhost/health?…"],
  ["http://localhost/health#secret", "http://localhost/health#…"],
  ["http://localhost/health?", "http://localhost/health"],
  ["http://a:b@c/d", "http://a:***@c/d"]
])("the address %s is shown as %s", (url, shown) => {
  expect(shownUrl(url)).toBe(shown)
})
