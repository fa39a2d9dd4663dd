#!/bin/sh
# Downloads the Debian packages that corpus.tsv names, unpacks what it needs of them (no install, no root) and builds
# the corpus. Everything lands under ${XDG_CACHE_HOME:-~/.cache}/touchmark-robustness; a second run needs no network.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/touchmark-robustness
python=${PYTHON:-/usr/bin/python3}
mkdir -p "$cache/deb" "$cache/packages"

cut -f4,5 "$here/corpus.tsv" | tail -n +2 | sort -u | while read -r package version; do
  target=$cache/packages/$package
  # Of the path only what precedes # or @, the marks for a picture inside a file.
  wanted=$(awk -F '\t' -v p="$package" '$4 == p { sub(/[#@][0-9]+$/, "", $6); print "./" $6 }' "$here/corpus.tsv" | sort -u)
  [ -e "$target/.complete" ] && [ "$wanted" = "$(cat "$target/.complete")" ] && continue
  if ! ls "$cache/deb/${package}"_*.deb >/dev/null 2>&1; then
    (cd "$cache/deb" && { apt-get download -q "$package=$version" || apt-get download -q "$package"; })
  fi
  rm -rf "$target"
  mkdir -p "$target"
  echo "$wanted" >"$target/.wanted"
  dpkg-deb --fsys-tarfile "$cache/deb/${package}"_*.deb | tar -x -C "$target" --files-from="$target/.wanted"
  mv "$target/.wanted" "$target/.complete"
done
exec "$python" "$here/corpus.py" "$cache/packages" "$@"
