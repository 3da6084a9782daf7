/** `replay.ts` as a program, for scenarios of your own; and its errors for lines that are none. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const program = fileURLToPath(new URL("replay.ts", import.meta.url))
const replay = (lines: ReadonlyArray<string>, ...args: ReadonlyArray<string>) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { input: lines.join("\n"), encoding: "utf8" })
  return { status, printed: stdout.split("\n").filter(Boolean), said: stderr.trim() }
}

describe("the program replay.ts", () => {
  it("prints one trace for each scenario, in the oracle's form, or why there is none", () => {
    const crash = '{"id":"mine","root":{"children":[{"id":"a"}]},"steps":[{"op":"exit","c":"/a","why":"crash"}]}'
    const { status, printed, said } = replay([crash, "", '{"id":2,"root":{},"steps":[{"op":"upgrade","sup":"/","new":{}}]}'])
    expect({ status, said }).toEqual({ status: 0, said: "" })
    expect(printed.map((line) => JSON.parse(line))).toEqual([
      {
        id: "mine",
        boot: [
          { e: "sup_init", c: "/~1" },
          { e: "start", c: "/a~1", r: "ok" },
          { e: "start", c: "/~1", r: "ok" }
        ],
        steps: [
          {
            op: "exit",
            at: 0,
            trace: [
              { e: "exit", c: "/a~1", why: "crash" },
              { e: "restart_counted", sup: "/", n: 1, at: 0 },
              { e: "start", c: "/a~2", r: "ok" }
            ]
          }
        ],
        final: { path: "/", n: 1, restarts: [0], children: [{ id: "a", pid: "/a~2" }] },
        teardown: [
          { e: "stop", c: "/a~2", how: "shutdown", r: "ok" },
          { e: "sup_down", sup: "/", why: "shutdown" },
          { e: "root_exit", why: "shutdown" }
        ]
      },
      { left_out: "upgrade" }
    ])
  })

  it.for([
    ["{", "it is not JSON"],
    ["[]", "the scenario is [], and should be an object"],
    ["{}", "root is missing: it should be an object"],
    [
      '{"root":{"strategie":"one_for_all"}}',
      "root.strategie means nothing here; what does is strategy, intensity, period, auto_shutdown, children"
    ],
    ['{"root":{"intensity":-1}}', "root.intensity is -1, and should be a whole number, 0 or more"],
    ['{"root":{"children":[{"id":"a/b"}]}}', 'root.children.0.id is "a/b", and should be an id: letters, digits, _ and -, a letter first'],
    [
      '{"root":{"children":[{"id":"a","starts":["okay"]}]}}',
      'root.children.0.starts.0 is "okay", and should be one of ok, ok_info, error, raise, bad, ignore'
    ],
    ['{"root":{"children":[{"id":"a","stop":["delay"]}]}}', 'root.children.0.stop is ["delay"], and should be ["delay", …]'],
    ['{"root":{},"steps":[{"op":"exit","why":"crash"}]}', 'steps.0.c is missing: it should be a path such as "/" or "/a/b"'],
    [
      '{"root":{},"steps":[{"op":"terminate_child","sup":"/","id":"#x"}]}',
      'steps.0.id is "#x", and should be an id: letters, digits, _ and -, a letter first'
    ],
    [
      '{"root":{},"steps":[{"op":"batch","sup":"/","acts":[{"op":"dump"}]}]}',
      'steps.0.acts.0.op is "dump", and should be one of exit, advance, which_children, count_children, start_child, start_dynamic, ' +
        "terminate_child, restart_child, delete_child, get_childspec"
    ]
  ])("says of %s where it is no scenario", ([line, complaint]) => {
    const { status, printed, said } = replay(['{"root":{}}', line!])
    expect({ status, printed, said }).toEqual({ status: 65, printed: [], said: `Line 2 is no scenario: ${complaint}.` })
  })

  it("says that there is no core in a folder", () => {
    expect(replay([], "/nowhere")).toEqual({ status: 64, printed: [], said: "There is no core in /nowhere: it has no Tree.ts." })
  })

  it("leaves out a call about a pool if there is none", () => {
    const { status, printed } = replay(['{"root":{"children":[{"id":"a"}]},"steps":[{"op":"start_dynamic","sup":"/"}]}'])
    expect({ status, printed }).toEqual({ status: 0, printed: ['{"left_out":"invalid spec"}'] })
  })
})
