# Sourced by the commands in this folder. Each host is a small file, fleet/NAME, of lines "key value"; `history` lines
# say what was done to it, oldest first.
set -eu
fleet=${FLEET:-fleet}
host=${SUNUP_HOST:-${host:-}}
[ -n "$host" ] || { echo "no host: SUNUP_HOST is not set" >&2; exit 2; }
file=$fleet/$host
mkdir -p "$fleet"
[ -e "$file" ] || printf 'service running\ninstalled -\nboots 0\n' > "$file"

value() { sed -n "s/^$1 //p" "$file"; }

# change KEY VALUE WHAT: sets the value and adds a line of history, in one step that a crash cannot halve.
change() {
  { sed -e "/^$1 /d" -e '/^history /d' "$file"
    printf '%s %s\n' "$1" "$2"
    sed -n '/^history /p' "$file"
    printf 'history %s\n' "$3"; } > "$file.$$"
  mv "$file.$$" "$file"
}
