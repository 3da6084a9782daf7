/** Tree files that cannot be loaded, and why. */
import { relative } from "node:path"
import { fileURLToPath } from "node:url"

export const folder = relative(process.cwd(), fileURLToPath(new URL("../fixtures/trees", import.meta.url)))

export const write = "Write: export default supervisor({ ... })"
export const files: ReadonlyArray<readonly [file: string, because: string]> = [
  ["nowhere.ts", "there is no such file."],
  ["helo.ts", "there is no such file. Did you mean hello.ts?"],
  ["folder", "it is a folder. Did you mean folder/tree.ts?"],
  ["tree.toml", "its name ends in .toml; a tree file ends in .ts, .mts, .js, .mjs or .json."],
  ["throws.ts", "it throws TypeError: port 3000 is taken (line 3)."],
  ["throwsString.ts", "it throws 'no luck'."],
  ["throwsElsewhere.ts", "it throws Error: no settings (library.mjs line 2)."],
  ["throwsLater.ts", "it throws RangeError: too late (line 2)."],
  ["functionThrows.ts", "it throws Error: no undefined here (line 2)."],
  ["rejects.ts", "it throws Error: the registry is down (line 2)."],
  ["returnsNothing.ts", "the function it exports returns nothing. Did you forget a return?"],
  ["neverSettles.ts", "it waits for a promise that never settles."],
  ["exits.ts", "it exits with code 3 instead of exporting a tree. It printed:\n  | no database configured"],
  ["killed.ts", "it was killed by SIGTERM before it had exported a tree."],
  ["exportsNothing.ts", `it exports nothing. ${write}`],
  ["exportsUndefined.ts", `it exports nothing. ${write}`],
  ["noDefault.ts", `it has no default export, only tree. ${write}`],
  ["syntaxError.ts", "SyntaxError: Expected ',', got 'ident' (line 3)."],
  ["syntaxError.mjs", "SyntaxError: Unexpected identifier 'children' (line 2)."],
  [
    "enum.ts",
    "TypeScript enum is not supported in strip-only mode (line 3). Types are only stripped, not compiled; write it in JavaScript."
  ],
  [
    "angleBrackets.ts",
    "The angle-bracket syntax for type assertions, `<T>expr`, is not supported in type strip mode. Instead, use the 'as' syntax: `expr as T` (line 3). " +
      "Types are only stripped, not compiled; write it in JavaScript."
  ],
  ["missingPackage.ts", 'it imports "left-pad", which is not installed here (line 1).'],
  ["missingFile.ts", "it imports settings.ts, which is not there (line 1)."],
  [
    "withoutEnding.ts",
    'it imports hello, which is not there (line 2). There is hello.ts: write "./hello.ts", with the ending that the file has.'
  ],
  [
    "endingOfCompiled.ts",
    'it imports hello.js, which is not there (line 2). There is hello.ts: write "./hello.ts", with the ending that the file has.'
  ],
  [
    "importsType.ts",
    "SyntaxError: The requested module 'supervise' does not provide an export named 'TreeSpec' (line 1). If TreeSpec is a type, write: import { type TreeSpec }."
  ],
  ["answersNull.ts", "it writes to descriptor 3, which is reserved for its answer."],
  ["answersHalf.ts", "it writes to descriptor 3, which is reserved for its answer."],
  ["closesDescriptor.ts", "it closes descriptor 3, which is reserved for its answer."],
  ["throwsUnshowable.ts", "it throws something that cannot be shown."],
  ["missingExport.ts", "SyntaxError: The requested module 'supervise' does not provide an export named 'wroker' (line 1)."],
  ["takesOurDescriptor.ts", "it writes to descriptor 3, which is reserved for its answer."],
  ["tooLarge.ts", "it exports more than 64 MiB."],
  ["empty.json", "it is empty."],
  ["empty.ts", `it exports nothing. ${write}`],
  ["comma.json", "Expected double-quoted property name in line 4, column 1."],
  ["word.json", "Unexpected token 'w' in line 3, column 9."],
  ["cut.json", "Unexpected end of JSON input in line 4, column 1."]
]
