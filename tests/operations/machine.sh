# The machine that docs/operations.md is about, as far as its commands can tell: the folder $ROOT holds its files, and what
# needs root or systemd is played here. Sourced before the commands of the page. Needs $ROOT, $PROGRAM and $PG_BIN.
set -euo pipefail

export USER
USER=$(id -un)
export PGHOST=127.0.0.1 PGPORT=$POSTGRES_PORT PGUSER=postgres PGDATA=$ROOT/postgresql/data
export PATH=$ROOT/bin:$ROOT/usr/local/bin:$PG_BIN:$PATH
unit=$ROOT/etc/systemd/system/clientele.service
mkdir -p "$ROOT"/{bin,postgresql,etc/systemd/system,usr/local/bin,var/lib/clientele,var/backups}
chmod 755 "$ROOT"

is_root() { [ "$(id -u)" = 0 ]; }

as_postgres() {
  if is_root; then
    setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"
  else
    "$@"
  fi
}

# `sudo [-u USER] COMMAND...`. Only PostgreSQL minds who runs it.
sudo() {
  if [ "$1" = -u ]; then
    local user=$2
    shift 2
    if [ "$user" = postgres ]; then
      as_postgres "$@"
      return
    fi
  fi
  "$@"
}

# Drops the owners that this machine does not have.
install() {
  local given=("$@") kept=() i
  for ((i = 0; i < ${#given[@]}; i++)); do
    case ${given[i]} in
    -o | -g)
      if is_root && [ "${given[i + 1]}" = postgres ]; then
        kept+=("${given[i]}" "${given[i + 1]}")
      fi
      i=$((i + 1))
      ;;
    *) kept+=("${given[i]}") ;;
    esac
  done
  command install "${kept[@]}"
}

useradd() { [ "${!#}" = clientele ]; }
chgrp() { [ "$1" = clientele ] && [ -e "$2" ]; }
cargo() { [ "$*" = "build --profile dist" ]; }
journalctl() { cat "$ROOT/journal"; }

systemctl() {
  case "$*" in
  daemon-reload) [ -f "$unit" ] ;;
  "enable --now clientele" | "start clientele") start_clientele ;;
  "stop clientele") stop_clientele ;;
  "restart clientele")
    stop_clientele
    start_clientele
    ;;
  "start postgresql") start_postgres ;;
  "stop postgresql") stop_postgres ;;
  "restart postgresql")
    stop_postgres
    start_postgres
    ;;
  *)
    echo "systemctl $*: not played here" >&2
    return 1
    ;;
  esac
}

# Runs what the unit says, and waits until the server is ready.
start_clientele() {
  local command settings
  command=$(sed -n 's/^ExecStart=//p' "$unit")
  : >"$ROOT/journal"
  settings=$(sed -n 's/^EnvironmentFile=//p' "$unit")
  (cd "$ROOT/var/lib/clientele" && set -a && . "$settings" && exec $command >>"$ROOT/journal" 2>&1) &
  clientele_process=$!
  until grep -q '^ready' "$ROOT/journal"; do
    kill -0 "$clientele_process" 2>/dev/null || { cat "$ROOT/journal" >&2; return 1; }
    sleep 0.05
  done
}

stop_clientele() {
  [ -n "${clientele_process:-}" ] || return 0
  kill -TERM "$clientele_process"
  wait "$clientele_process"
  clientele_process=
}

make_postgres() {
  is_root && chown postgres "$ROOT/postgresql"
  as_postgres initdb -D "$PGDATA" -U postgres -A trust -E UTF8 --no-sync >"$ROOT/initdb"
  start_postgres
}

start_postgres() {
  local options="-c listen_addresses=127.0.0.1 -c port=$PGPORT -c unix_socket_directories="
  as_postgres pg_ctl -D "$PGDATA" -l "$ROOT/postgresql/log" -o "$options" -w -s start </dev/null >/dev/null 2>&1 ||
    { cat "$ROOT/postgresql/log" >&2; return 1; }
}

stop_postgres() { as_postgres pg_ctl -D "$PGDATA" -m fast -w -s stop; }

leave() {
  local status=$?
  [ -z "${clientele_process:-}" ] || kill -KILL "$clientele_process" 2>/dev/null || true
  as_postgres pg_ctl -D "$PGDATA" -m immediate -s stop >/dev/null 2>&1 || true
  exit "$status"
}
trap leave EXIT

(cd "$ROOT" && make_postgres)
