#!/usr/bin/env bash
# Types the steps of a walk, one after the other in one shell, and prints the rows of its table: ./steps has a line with what is
# typed and a line with what has to be printed, in turn.

set -uo pipefail

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  tail -n 40 /tmp/said >&2
  exit 1
}

# seconds MICROSECONDS: as seconds with one digit.
seconds() { printf '%d.%d' "$((($1 + 50000) / 1000000))" "$((($1 + 50000) / 100000 % 10))"; }
now() { printf '%s' "${EPOCHREALTIME/./}"; }

steps=$HOME/steps
files=$HOME/files
count=0
total=0
while IFS= read -r typed <&3 && IFS= read -r prints <&3; do
  count=$((count + 1))
  began=$(now)
  if [[ -e $files/$count ]]; then
    if [[ -e $files/$count.added ]]; then cat "$files/$count" >>"$typed"; else cp "$files/$count" "$typed"; fi || fail "$typed"
    : >/tmp/said
  elif [[ $typed == *start || $typed == *serve ]]; then
    eval "$typed" >/tmp/said 2>&1 </dev/null &
    until grep --quiet 'answers on' /tmp/said; do
      kill -0 $! 2>/dev/null || fail "$typed"
      sleep 0.05
    done
  else
    # A command whose output is looked at may end as it likes: asnzone status says by its exit that the data is old.
    eval "$typed" >/tmp/said 2>&1 </dev/null || [[ -n $prints ]] || fail "$typed"
  fi
  took=$(($(now) - began))
  total=$((total + took))
  [[ -z $prints ]] || grep --quiet --fixed-strings -e "$prints" /tmp/said || fail "$typed: does not print $prints"
  printf '%s\t%s\t%s\n' "$(seconds "$took")" "$typed" "$prints"
done 3<"$steps"
printf '%s\ttotal\n' "$(seconds "$total")"
