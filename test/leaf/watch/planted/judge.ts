/** `node judge.ts URL PATTERN`: of the laws with such titles those that do not hold of the copy of `src` at this URL, as JSON. */
import { load } from "../Law.ts"
import { brokenLaws } from "../laws.ts"

const [folder = "", pattern = ""] = process.argv.slice(2)
console.log(JSON.stringify(await brokenLaws(await load(folder), new RegExp(pattern))))
