#!/bin/sh
# usage: run.sh < scenarios.jsonl > traces.jsonl      (README.md has the variables)
here=$(cd "$(dirname "$0")" && pwd)
beams=${ORACLE_BUILD:-$here/../../../node_modules/.cache/otp-oracle}
mkdir -p "$beams"
for module in oj oxform ohook omain; do
  [ "$beams/$module.beam" -nt "$here/src/$module.erl" ] || erlc -o "$beams" "$here/src/$module.erl" || exit 1
done
# No crash dump is left behind when nobody reads our answers.
exec env ERL_CRASH_DUMP_SECONDS=0 erl -noinput -noshell -hidden +S "${ORACLE_SCHED:-1:1}" -pa "$beams" -kernel logger_level none -s omain main
