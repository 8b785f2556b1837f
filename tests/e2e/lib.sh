# Shared by quickstart and the end-to-end tests: a private redis-server on a unix socket, stopped by pid.
# start_redis FOLDER [OPTION…] sets REDIS_SOCK and REDIS_PID (options: redis-server's own, the last of a name counts);
# stop_redis is safe to call twice.

redis_program() { # folder: a redis-server program, also where only redis-tools is installed
  if command -v redis-server >/dev/null; then command -v redis-server; return; fi
  ln -sf "$(command -v redis-check-rdb)" "$1/redis-server" && echo "$1/redis-server"
}

start_redis() {
  local folder=$1 program i; shift
  program=$(redis_program "$folder")
  REDIS_SOCK="$folder/redis.sock"
  "$program" --port 0 --unixsocket "$REDIS_SOCK" --save '' --appendonly no --dir "$folder" --daemonize no "$@" >"$folder/redis.log" 2>&1 &
  REDIS_PID=$!
  for i in $(seq 100); do
    [ "$(redis-cli -s "$REDIS_SOCK" PING 2>/dev/null)" = PONG ] && return 0
    kill -0 "$REDIS_PID" 2>/dev/null || break
    sleep 0.05
  done
  echo "redis-server did not start:"; cat "$folder/redis.log"; return 1
}

stop_redis() {
  [ -n "${REDIS_PID:-}" ] || return 0
  kill "$REDIS_PID" 2>/dev/null && wait "$REDIS_PID" 2>/dev/null
  REDIS_PID=
}
