%% The least that Erlang can be for a supervisor of programs: main([COUNT, PROGRAM, ARGUMENT]).
-module(ports).
-export([main/1]).

main([Count, Program, Argument]) ->
    [spawn(fun() -> keep(Program, Argument) end) || _ <- lists:seq(1, list_to_integer(Count))],
    receive never -> ok end.

keep(Program, Argument) ->
    Port = open_port({spawn_executable, Program}, [{args, [Argument]}, exit_status]),
    wait(Port),
    keep(Program, Argument).

wait(Port) ->
    receive
        {Port, {exit_status, _}} -> ok;
        {Port, {data, _}} -> wait(Port)
    end.
