# What the scripts share; sourced, not run. Needs bash with `set -euo pipefail`.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Says what is wrong and what to do, and ends the script.
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Runs a command as root: as it is, or with sudo.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    return 1
  fi
}

# install PACKAGE...: installs packages of Debian or Ubuntu, or says which ones to install by hand.
install() {
  local by_hand="install by hand: $* (the names are Debian's)"
  command -v apt-get >/dev/null || fail "$by_hand"
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || fail "not root and no sudo: $by_hand"
  echo "installing: $*"
  local log
  log=$(mktemp)
  if ! {
    as_root apt-get update -q &&
      as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@"
  } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "apt-get could not install: $*"
  fi
  rm -f "$log"
}

# Prints the folder of the newest PostgreSQL server binaries; fails when there are none.
postgres_bin() {
  local bin
  bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV | while read -r folder; do
    if [ -x "$folder/initdb" ]; then
      printf '%s\n' "$folder"
      break
    fi
  done)
  if [ -z "$bin" ] && command -v initdb >/dev/null && command -v pg_ctl >/dev/null; then
    bin=$(dirname "$(command -v initdb)")
  fi
  [ -n "$bin" ] && printf '%s\n' "$bin"
}

# Installs PostgreSQL's server binaries without making or starting a cluster of the system.
install_postgres() {
  install postgresql-common
  local settings=/etc/postgresql-common/createcluster.d/clientele-tests.conf
  as_root mkdir -p "$(dirname "$settings")"
  echo 'create_main_cluster = false' | as_root tee "$settings" >/dev/null
  install postgresql
  as_root rm -f "$settings"
}

# Makes sure that PostgreSQL's server binaries are there.
need_postgres() {
  postgres_bin >/dev/null || install_postgres
  postgres_bin >/dev/null || fail "PostgreSQL's initdb and pg_ctl were not found: install the server package"
}

# python_env FOLDER REQUIREMENTS: makes a virtual environment with exactly these packages, or keeps the one that has.
python_env() {
  local folder=$1 requirements=$2
  if cmp -s "$requirements" "$folder/installed.txt" 2>/dev/null && "$folder/bin/python" -c 'import grpc' 2>/dev/null; then
    return
  fi
  rm -rf "$folder"
  # A python of pyenv and the like may lack ensurepip; the system's own has it as a package.
  if ! python3 -m venv "$folder" >/dev/null 2>&1; then
    rm -rf "$folder"
    /usr/bin/python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || install python3 python3-venv
    /usr/bin/python3 -m venv "$folder" || fail "python3 cannot make a virtual environment: install python3-venv"
  fi
  "$folder/bin/pip" install --quiet --disable-pip-version-check -r "$requirements" ||
    fail "pip could not install $requirements"
  cp "$requirements" "$folder/installed.txt"
}

# start_server LOG BINARY ARGUMENT...: runs `clientele serve` on a free port of loopback and waits until it is ready. Sets
# `server` to its process and `address` to HOST:PORT; what it prints goes to LOG.
start_server() {
  local log=$1 binary=$2
  shift 2
  "$binary" serve --listen 127.0.0.1:0 "$@" >"$log" 2>&1 &
  server=$!
  # `ready` is the last line of the announcement.
  for _ in $(seq 300); do
    ! grep -q '^ready' "$log" || break
    kill -0 "$server" 2>/dev/null || fail "clientele ended: $(tail -n 3 "$log")"
    sleep 0.1
  done
  address=$(sed -n 's|^gRPC  *https\{0,1\}://||p' "$log")
  [ -n "$address" ] || fail "clientele did not say where it listens: $(tail -n 3 "$log")"
}

# Ends the server that start_server ran, if it did.
stop_server() {
  if [ -n "${server:-}" ]; then
    kill -TERM "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
}

# Installs the proto linter, in the version that package.json names.
need_buf() {
  local want have
  want=$(sed -n 's/.*"@bufbuild\/buf": "\(.*\)".*/\1/p' package.json)
  have=$(node_modules/.bin/buf --version 2>/dev/null || true)
  [ "$have" = "$want" ] || npm install --no-package-lock --no-audit --no-fund --silent
}

# Fails if a client of the API that is frozen would notice a change of it.
unbroken() {
  node_modules/.bin/buf breaking proto --against tests/golden/api.binpb ||
    fail "the change above breaks the clients of the API: add something instead (README.md, Test it)"
}

# frozen_now FILE: writes the API as it is now, without comments.
frozen_now() {
  node_modules/.bin/buf build proto --exclude-source-info --output "$1"
}

# Lays the protos and the example clients into target/clients, as somebody has them who works outside this repository,
# and installs what they need there.
need_clients() {
  local away=$root/target/clients
  node --eval 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null ||
    fail "the TypeScript client needs Node.js 20 or newer, found: $(node --version 2>/dev/null || echo none)"
  python_env "$away/venv" "$root/examples/clients/python/requirements.txt"
  rm -rf "$away"/{proto,third_party,examples/clients/python,examples/clients/typescript/{gen,dist}}
  mkdir -p "$away/examples"
  cp -R "$root"/{proto,third_party,buf.yaml,buf.gen.yaml} "$away"
  cp -R "$root/examples/clients" "$away/examples"
  cp -R "$root/tests/foreign/loader" "$away"
  local folder
  for folder in "$away/loader" "$away/examples/clients/typescript"; do
    (cd "$folder" && npm install --no-package-lock --no-audit --no-fund --silent) || fail "npm could not install for $folder"
  done
}
