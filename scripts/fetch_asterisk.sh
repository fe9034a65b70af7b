#!/bin/sh
# Put Asterisk 22 (Debian sid's packages) into a directory, without root and without touching this system.
#
#   scripts/fetch_asterisk.sh [DEST]          DEST is .asterisk/prefix unless given
#
# The packages are downloaded with a private apt configuration and unpacked beside each other; DEST/asterisk runs
# the result through sid's own loader and C library. A second run does nothing. Environment: ASTERISK_CACHE (where
# the .debs stay, .asterisk/cache unless given), ASTERISK_SUITE (sid unless given).
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
dest=${1:-$here/.asterisk/prefix}
cache=${ASTERISK_CACHE:-$here/.asterisk/cache}
suite=${ASTERISK_SUITE:-sid}
packages="asterisk asterisk-modules asterisk-config asterisk-moh-opsound-wav ca-certificates"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

die() { echo "fetch_asterisk: $*" >&2; exit 1; }
works() { [ -x "$dest/asterisk" ] && "$dest/asterisk" -V >/dev/null 2>&1; }

works && exit 0

mkdir -p "$(dirname "$dest")" "$cache"
dest=$(cd "$(dirname "$dest")" && pwd)/$(basename "$dest")
cache=$(cd "$cache" && pwd)
# Two test runs may ask at once: the second waits, then finds the work done.
exec 9>"$cache/lock"
flock 9
works && exit 0

command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
  die "this needs Debian's apt-get and dpkg-deb; elsewhere install Asterisk 22 yourself and set its path"
[ -r "$keyring" ] || die "$keyring is missing: install the package debian-archive-keyring"

# The mirror is the one this machine's apt already uses; it need not have fetched any list yet.
mirror=$(apt-get --print-uris update 2>/dev/null |
  sed -n "s|^'\(.*\)/dists/[^'/]*/InRelease'.*|\1|p" | grep '/debian/*$' | head -n 1)
[ -n "$mirror" ] || die "apt's sources name no Debian mirror"

apt=$cache/apt-$suite
mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/parts"
: >"$apt/status"
# The host's own apt hooks must not run (some delete the host's package cache); its proxy settings must hold.
apt-config dump | grep -iE '^Acquire::(http|https|Retries|ForceIPv[46])' >"$apt/parts/proxy" || :
echo "deb [signed-by=$keyring] $mirror $suite main" >"$apt/sources.list"
cat >"$apt/apt.conf" <<CONF
Dir::Etc::main "/dev/null";
Dir::Etc::parts "$apt/parts";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$apt";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Languages "none";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Debug::NoLocking "true";
# A frozen mirror carries an out-of-date signature; the signature itself is still checked.
Acquire::Check-Valid-Until "false";
CONF

if [ ! -e "$apt/complete" ]; then
  echo "fetch_asterisk: downloading Asterisk from $suite ..." >&2
  APT_CONFIG="$apt/apt.conf" apt-get -qq update || die "apt-get update failed"
  # shellcheck disable=SC2086
  APT_CONFIG="$apt/apt.conf" apt-get -qq -y --download-only install $packages || die "download failed"
  touch "$apt/complete"
fi

new=$dest.new
rm -rf "$new"
mkdir -p "$new"
for deb in "$apt"/archives/*.deb; do
  case ${deb##*/} in
  perl* | dpkg_* | apt_* | systemd* | gcc-*) continue ;; # pulled in by an empty dpkg status, never run
  esac
  dpkg-deb --fsys-tarfile "$deb" |
    tar -x -C "$new" --no-same-owner --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale
done
# sid's packages expect /lib to be /usr/lib.
for dir in lib lib64 bin sbin; do
  if [ -d "$new/$dir" ] && [ ! -L "$new/$dir" ]; then
    mkdir -p "$new/usr/$dir"
    cp -a "$new/$dir/." "$new/usr/$dir/"
    rm -rf "${new:?}/$dir"
  fi
  [ -e "$new/$dir" ] || ln -s "usr/$dir" "$new/$dir"
done
# What hotline/telephony/asterisk/conf.py looks for: asterisk, modules, share.
for modules in "$new"/usr/lib/*/asterisk/modules; do
  ln -s "${modules#"$new/"}" "$new/modules"
done
ln -s usr/share/asterisk "$new/share"
cat >"$new/asterisk" <<'RUN'
#!/bin/sh
# Asterisk with the loader and libraries it was built for.
prefix=$(dirname "$(readlink -f "$0")")
for lib in "$prefix"/usr/lib/*-linux-gnu*; do
  for loader in "$lib"/ld-linux*.so.*; do
    exec "$loader" --library-path "$lib" --argv0 asterisk "$prefix/usr/sbin/asterisk" "$@"
  done
done
RUN
chmod +x "$new/asterisk"
"$new/asterisk" -V || die "the unpacked Asterisk does not run; see $new"
rm -rf "$dest"
mv "$new" "$dest"
