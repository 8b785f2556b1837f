#!/usr/bin/env bash
# packaging/deb.sh [OUT] - Debian packages of this tree for the Debian it runs on: tocsin, tocsin-rules, tocsin-doc. Needs what
# quickstart installs, and dpkg-dev. BUILD: a release build that is there already (default: one is made in OUT/build).
# PACKING: options of dpkg-deb (-Znone). REVISION: behind the version (-1).
set -euo pipefail
out=$(realpath -m "${1:-packages}")
[ -z "${BUILD:-}" ] || BUILD=$(realpath "$BUILD")
cd "$(dirname "$0")/.."
. /etc/os-release
version=$(sed -n 's/^project(tocsin VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)${REVISION:--1}~deb$VERSION_ID
arch=$(dpkg --print-architecture)
mkdir -p "$out"
work=$(mktemp -d /tmp/tocsin-deb.XXXXXX); trap 'rm -rf "$work"' EXIT

if [ -z "${BUILD:-}" ]; then
  # Debian 12 has systemd 252, which knows no Type=notify-reload
  reload=ON; [ "${VERSION_ID%%.*}" -ge 13 ] || reload=OFF
  BUILD=$out/build
  cmake -S . -B "$BUILD" -G Ninja -DCMAKE_BUILD_TYPE=Release -DTOC_NOTIFY_RELOAD=$reload >/dev/null
  ninja -C "$BUILD" tocsin >"$out/build.log" || { tail -20 "$out/build.log" >&2; exit 3; }
fi
DESTDIR=$work/all cmake --install "$BUILD" --prefix /usr --strip >/dev/null

move() { # package, path…: from the whole installation to a package
  local package=$1 path; shift
  for path; do
    mkdir -p "$work/$package/$(dirname "$path")"
    mv "$work/all/$path" "$work/$package/$path"
  done
}
mkdir -p "$work/all/usr/share/doc/tocsin/examples"
echo 'deliver: {redis: "unix:///run/redis/redis-server.sock"}' >"$work/tocsin.yml"
"$BUILD/tocsin" redis-setup -c "$work/tocsin.yml" --sensor sensor-1 --out "$work/redis" >/dev/null
sed 's/#[0-9a-f]\{64\}/>CHANGE-ME/' "$work/redis/tocsin.acl" >"$work/all/usr/share/doc/tocsin/examples/redis.acl"
move tocsin-rules usr/share/tocsin/rules
mkdir -p "$work/tocsin/usr/share/tocsin" # examples may be left out on small systems: the first configuration comes from here
cp packaging/etc/tocsin.yml "$work/tocsin/usr/share/tocsin/"
rm "$work/all/etc/tocsin/tocsin.yml" # made at the first installation, so that dpkg never asks about it
move tocsin usr/bin usr/lib etc usr/share/man usr/share/bash-completion usr/share/doc/tocsin/examples
move tocsin-doc usr/share/doc/tocsin
gzip -9n "$work"/tocsin/usr/share/man/man*/*
for package in tocsin tocsin-rules tocsin-doc; do
  cat LICENSE NOTICE >"$work/copyright"
  install -D -m 644 "$work/copyright" "$work/$package/usr/share/doc/$package/copyright"
done

# a stanza of control.in, with what the program links to
mkdir -p "$work/debian"; cp packaging/deb/control.in "$work/debian/control"
shlibs=$(cd "$work" && dpkg-shlibdeps -O tocsin/usr/bin/tocsin 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
stanza() { # package
  awk -v RS= -v "p=$1" '$0 ~ "^Package: " p "\n"' packaging/deb/control.in |
    sed -e "s/\${shlibs:Depends}/$shlibs/" -e "s/\${version}/$version/" -e '/\${misc:Depends}/d' -e "s/^Architecture: any/Architecture: $arch/"
  printf 'Version: %s\nMaintainer: %s\nSection: net\nPriority: optional\nInstalled-Size: %s\n' "$version" \
    "$(sed -n 's/^Maintainer: //p' packaging/deb/control.in)" "$(du -sk --exclude=DEBIAN "$work/$1" | cut -f1)"
}
for package in tocsin tocsin-rules tocsin-doc; do
  mkdir -p "$work/$package/DEBIAN"
  stanza "$package" >"$work/$package/DEBIAN/control"
  for script in postinst prerm postrm; do
    [ ! -e "packaging/deb/$package.$script" ] || install -m 755 "packaging/deb/$package.$script" "$work/$package/DEBIAN/$script"
  done
  [ ! -d "$work/$package/etc" ] || (cd "$work/$package" && find etc -type f -printf '/%p\n' | sort >DEBIAN/conffiles)
  (cd "$work/$package" && find usr -type f -exec md5sum {} + >DEBIAN/md5sums)
  chmod -R u=rwX,go=rX "$work/$package"
  dpkg-deb --root-owner-group ${PACKING:-} --build "$work/$package" "$out" >/dev/null
done
ls -1 "$out"/*.deb
