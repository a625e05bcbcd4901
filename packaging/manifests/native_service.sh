#!/bin/sh
# start, stop, restart or status of the service on a NAS without containers.
@FIND_PLACE@
pid_file=$data/gpen.pid

running() {
  [ -f "$pid_file" ] && kill -0 "$(cat "$pid_file")" 2>/dev/null
}
start() {
  running && return 0
  mkdir -p "$data"
  export HOME="$data" GPEN_DATA_DIR="$data" GPEN_PORT=@PORT@
  (trap '' HUP && exec "$program" serve >>"$data/gpen.log" 2>&1) &
  echo $! >"$pid_file"
  # It is up when it answers.
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    "$program" health --port @PORT@ 2>/dev/null && return 0
    running || break
    sleep 1
  done
  echo "@NAME@ did not start: $(tail -n 3 "$data/gpen.log")" >&2
  return 1
}
stop() {
  running || return 0
  kill "$(cat "$pid_file")"
  for _ in $(seq 60); do
    running || break
    sleep 1
  done
  ! running || kill -9 "$(cat "$pid_file")"
  rm -f "$pid_file"
}

case "${1:-}" in
  start) start ;;
  stop) stop ;;
  restart) stop && start ;;
  status) running || exit 3 ;;
  *) exit 0 ;;
esac
